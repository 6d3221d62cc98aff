import { readFile } from 'node:fs/promises'
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
 * Build settings of every published package: ESM only, with chunks shared between entries. With
 * platform `'neutral'`, an import of a module of Node is an error.
 */
export const library = (entry: string[], platform: 'neutral' | 'node' = 'neutral') =>
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
    esbuildPlugins: [versionOfPackageJson],
    esbuildOptions(options) {
      // A module that is missing in `sideEffects` of package.json would be dropped with only a
      // warning.
      options.logOverride = { 'ignored-bare-import': 'error' }
    },
  })
