import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { build } from 'esbuild'
import { defineConfig, type Options } from 'tsup'
import { generatedInputs, noticesFile, thirdPartyNotices } from './scripts/third-party-notices.ts'

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

/** Files that are part of programs that {@link threadProgram} has bundled. */
const inputsOfPrograms = new Set<string>()

/** Writes the notices of all code of others that is part of the built files. */
const notices: EsbuildPlugin = {
  name: 'notices',
  setup({ initialOptions, onEnd }) {
    initialOptions.metafile = true
    onEnd(async ({ metafile }) => {
      const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) =>
        Object.entries(output.inputs)
          .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
          .map(([path]) => resolve(path)),
      )
      const all = [...inputs, ...inputsOfPrograms, ...generatedInputs(process.cwd())]
      const text = thirdPartyNotices(all)
      const file = resolve('dist', noticesFile)
      if (text === undefined) return rm(file, { force: true })
      await mkdir('dist', { recursive: true })
      return writeFile(file, `${text}\n`)
    })
  },
}

/**
 * Replaces a module by one that exports a function of its name (`src/sampling-thread.ts` exports
 * `samplingThread`), which returns a whole program as text for `new Worker`. Bundlers of users then find
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
      const { outputFiles, metafile } = await build({
        entryPoints: [path],
        bundle: true,
        write: false,
        metafile: true,
        minify: true,
        format: 'cjs',
        platform: 'node',
        target: 'es2022',
        plugins: [versionOfPackageJson as never],
      })
      for (const input of Object.keys(metafile.inputs)) inputsOfPrograms.add(resolve(input))
      return { contents: outputFiles[0]?.text ?? '', loader: 'text' }
    })
    onLoad({ filter: endOf(module) }, () => ({
      contents: `import program from 'thread-program:${program}'
// Flags of the parent (loaders, heap limits) are not meant for this program.
export const ${nameOf(module)} = () => ({ program, options: { eval: true, execArgv: [] } })`,
      resolveDir: process.cwd(),
    }))
  },
})

/**
 * Replaces a module by one that exports a function of its name, which finds a built program of the
 * package for a process of its own, also when a bundler has moved the calling code elsewhere.
 *
 * @param program - name of the program in `dist`
 */
export const processProgram = (
  module: string,
  packageName: string,
  program: string,
): EsbuildPlugin => ({
  name: 'process-program',
  setup({ onLoad }) {
    onLoad({ filter: endOf(module) }, () => ({
      contents: `import { findPackageFile } from '@gnnrec/graph/files'
export const ${nameOf(module)} = () => ({
  path: findPackageFile('${packageName}', 'dist/${program}', import.meta.url),
  nodeOptions: [],
})`,
      resolveDir: process.cwd(),
    }))
  },
})

/**
 * Replaces a module by one that exports an asynchronous function of its name, which returns the bytes of
 * files by their keys.
 */
export const bundledFiles = (
  module: string,
  files: Readonly<Record<string, string>>,
): EsbuildPlugin => ({
  name: 'bundled-files',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^bundled-file:/ }, ({ path }) => ({
      path: resolve(path.slice('bundled-file:'.length)),
      namespace: 'bundled-file',
    }))
    onLoad({ filter: /./, namespace: 'bundled-file' }, async ({ path }) => ({
      contents: await readFile(path),
      loader: 'binary',
    }))
    onLoad({ filter: endOf(module) }, () => ({
      contents: `${Object.entries(files)
        .map(([key, path]) => `import ${key} from 'bundled-file:${path}'`)
        .join('\n')}
export const ${nameOf(module)} = async () => ({ ${Object.keys(files).join(', ')} })`,
      resolveDir: process.cwd(),
    }))
  },
})

/**
 * Leaves `export * as name from 'module'` of an entry as it is, where the module is an entry, too. esbuild would make an
 * object of it, which bundlers of users keep with all that it holds.
 */
export const externalNamespace = (module: string): EsbuildPlugin => ({
  name: 'external-namespace',
  setup({ onResolve }) {
    const filter = new RegExp(`^${module.replaceAll('.', '\\.')}$`)
    onResolve({ filter }, () => ({ path: module, external: true }))
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
    // The built code is readable, and maps would be a third of it.
    sourcemap: false,
    clean: true,
    splitting: true,
    removeNodeProtocol: false,
    esbuildPlugins: [versionOfPackageJson, notices, ...plugins],
    esbuildOptions(options) {
      // A module that is missing in `sideEffects` of package.json would be dropped with only a
      // warning.
      options.logOverride = { 'ignored-bare-import': 'error' }
    },
  })
