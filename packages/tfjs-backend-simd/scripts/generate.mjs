// Makes what the sources import but nobody writes by hand: the gradients of tfjs-core as one module (in
// Node they cannot be imported as they are), which exports them instead of registering them.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { importedFromCore } from './imported-from-core.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const generated = `${root}src/generated/`
await mkdir(generated, { recursive: true })

const coreFolder = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-core')).replace(
  /[^/\\]*$/,
  '',
)
const gradients = `${coreFolder}register_all_gradients.js`
/** The code by which tfjs-core registers its list of gradients. An export takes its place. */
const registration = /for \(const \w+ of gradConfigs\) \{\s*registerGradient\(\w+\);\s*\}/
const listOfGradients = {
  name: 'list-of-gradients',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]register_all_gradients\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!registration.test(text)) throw new Error(`${path} does not register gradConfigs.`)
      return { contents: text.replace(registration, 'export { gradConfigs as gradients }') }
    })
  },
}
// tfjs-core reaches for Node's modules only inside guarded branches that gradients never enter.
const external = ['node-fetch', 'util', 'crypto', 'string_decoder']
const { metafile } = await build({
  entryPoints: [gradients],
  outfile: `${generated}gradients.js`,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  minify: true,
  // The notices of the package have them.
  legalComments: 'none',
  metafile: true,
  external: [...external, '@tensorflow/tfjs-core'],
  plugins: [
    listOfGradients,
    await importedFromCore({
      entry: gradients,
      index: `${coreFolder}index.js`,
      temporary: `${generated}core.cjs`,
      external,
    }),
  ],
  logLevel: 'warning',
})
await writeFile(
  `${generated}gradients.d.ts`,
  `import type { GradConfig } from '@tensorflow/tfjs-core'\nexport declare const gradients: readonly GradConfig[]\n`,
)
// The build writes the licences of these files into its notices.
const repository = fileURLToPath(new URL('../../..', import.meta.url))
const inputs = Object.keys(metafile.inputs)
  .map((path) => resolve(path.replace(/\?.*$/, '')))
  .filter((path) => path.includes('node_modules'))
  .map((path) => relative(repository, path))
await writeFile(`${generated}gradients.inputs.json`, JSON.stringify([...new Set(inputs)]))
