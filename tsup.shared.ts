import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { build } from 'esbuild'
import { defineConfig, type Options } from 'tsup'

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number]

/** Fields of `package.json` that the sources read; all others are kept out of bundles. */
export const versionOfPackageJson: EsbuildPlugin = {
  name: 'version-of-package-json',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'))
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

/**
 * Replaces a module by one that exports a function of its name (`src/columnar/decoding-thread.ts` exports
 * `decodingThread`), which returns a whole program as text for `new Worker`. Bundlers of users then find
 * everything in the module itself; a file beside it they would neither find nor keep.
 *
 * @param program - the program's entry, which is bundled with all that it imports
 */
export const threadProgram = (module: string, program: string): EsbuildPlugin => ({
  name: 'thread-program',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^thread-program:/ }, ({ path }) => ({
      path: resolve(path.slice('thread-program:'.length)),
      namespace: 'thread-program',
    }))
    onLoad({ filter: /./, namespace: 'thread-program' }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        write: false,
        minify: true,
        format: 'cjs',
        platform: 'node',
        target: 'es2022',
        plugins: [versionOfPackageJson as never],
      })
      return { contents: outputFiles[0]?.text ?? '', loader: 'text' }
    })
    onLoad({ filter: endOf(module) }, () => ({
      contents: `import program from 'thread-program:${program}'
// The parent's flags (loaders, heap limits) are none of this program's business.
export const ${nameOf(module)} = () => ({ program, options: { eval: true, execArgv: [] } })`,
      resolveDir: process.cwd(),
    }))
  },
})

const endOf = (module: string) => new RegExp(`[/\\\\]${basename(module).replaceAll('.', '\\.')}$`)

const nameOf = (module: string) =>
  basename(module, '.ts').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

/**
 * Build settings of every published package: ESM only, with chunks shared between entries. With
 * platform `'neutral'`, an import of a module of Node is an error.
 */
export const library = (
  entry: string[],
  platform: 'neutral' | 'node' = 'neutral',
  plugins: readonly EsbuildPlugin[] = [],
) =>
  defineConfig({
    entry,
    format: ['esm'],
    target: 'es2022',
    platform,
    // tsup sets `baseUrl`, which TypeScript 6 calls deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    sourcemap: true,
    clean: true,
    splitting: true,
    removeNodeProtocol: false,
    esbuildPlugins: [versionOfPackageJson, ...plugins],
    esbuildOptions(options) {
      // A module that is missing in `sideEffects` of package.json would be dropped with only a
      // warning.
      options.logOverride = { 'ignored-bare-import': 'error' }
    },
  })
