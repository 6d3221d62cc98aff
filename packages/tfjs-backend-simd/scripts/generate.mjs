// Makes what the sources import but nobody writes by hand: the compiled kernels as base64, and the
// gradient registrations of tfjs-core as one module (in Node they cannot be imported as they are).
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { build } from 'esbuild'
import { importedFromCore } from './imported-from-core.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const generated = `${root}src/generated/`
await mkdir(generated, { recursive: true })

// Exact ceilings: 65,536 pages of 64 KiB are the 4 GiB that 32-bit WebAssembly can address.
const kernels = await compile([
  ...['--sharedMemory', '--enable', 'threads'],
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
])
await writeFile(
  `${generated}kernel-module.ts`,
  `/** The kernels for a shared memory. */
export const kernelModule =
  '${kernels.toString('base64')}'
/** Place of the byte that says so: 3 (shared, with a maximum) or 1 (with a maximum). */
export const memoryFlagsPlace = ${memoryFlagsPlace(kernels)}
`,
)

const coreFolder = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-core')).replace(
  /[^/\\]*$/,
  '',
)
const gradients = `${coreFolder}register_all_gradients.js`
// tfjs-core reaches for Node's modules only inside guarded branches that gradients never enter.
const external = ['node-fetch', 'util', 'crypto', 'string_decoder']
await build({
  entryPoints: [gradients],
  outfile: `${generated}gradients.js`,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  minify: true,
  legalComments: 'none',
  external: [...external, '@tensorflow/tfjs-core'],
  plugins: [
    await importedFromCore({
      entry: gradients,
      index: `${coreFolder}index.js`,
      temporary: `${generated}core.cjs`,
      external,
    }),
  ],
  logLevel: 'warning',
})
await writeFile(`${generated}gradients.d.ts`, 'export {}\n')

async function compile(memoryOptions) {
  const outFile = `${generated}kernels.wasm`
  const { error, stderr } = await asc.main(
    [
      ...['assembly/index.ts', '--baseDir', root, '--outFile', outFile],
      ...['--runtime', 'stub', '--noAssert', '--importMemory', ...memoryOptions],
      ...['--enable', 'simd', '--enable', 'bulk-memory', '-O3', '--converge'],
    ],
    {},
  )
  if (error) throw new Error(`AssemblyScript: ${error.message}\n${stderr.toString()}`)
  const bytes = await readFile(outFile)
  await rm(outFile)
  return bytes
}

/** Nothing but this byte tells kernels for shared memory from those for plain memory. */
function memoryFlagsPlace(bytes) {
  // The entry of the import section: module, name, kind (2: memory), flags.
  const name = (text) => [text.length, ...Buffer.from(text)]
  const entry = Buffer.from([...name('env'), ...name('memory'), 2, 3])
  const place = bytes.indexOf(entry)
  if (place < 0 || bytes.indexOf(entry, place + 1) >= 0) {
    throw new Error('The import of a shared memory is not there, or not once.')
  }
  return place + entry.length - 1
}
