import { defineConfig } from 'tsup'

/** Build settings shared by every publishable package: ESM only, chunks shared between entries. */
export const library = (entry: string[]) =>
  defineConfig({
    entry,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    sourcemap: true,
    clean: true,
    splitting: true,
    removeNodeProtocol: false,
  })
