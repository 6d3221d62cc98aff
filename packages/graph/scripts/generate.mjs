// Makes what the sources import but nobody writes by hand: the compiled kernels as base64.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
const generated = `${root}src/generated/`
await mkdir(generated, { recursive: true })

// Exact ceilings: 65,536 pages of 64 KiB are the 4 GiB that 32-bit WebAssembly can address.
const kernels = await compile([
  '--sharedMemory',
  '--enable',
  'threads',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
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
// The kernels contain parts of AssemblyScript's standard library. The build writes its licence into its notices.
const library = fileURLToPath(
  new URL('../std/assembly/index.d.ts', import.meta.resolve('assemblyscript/asc')),
)
await writeFile(
  `${generated}kernels.inputs.json`,
  JSON.stringify([relative(fileURLToPath(new URL('../../..', import.meta.url)), library)]),
)

async function compile(memoryOptions) {
  const outFile = `${generated}kernels.wasm`
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts',
      '--baseDir',
      root,
      '--outFile',
      outFile,
      '--runtime',
      'stub',
      '--noAssert',
      '--importMemory',
      ...memoryOptions,
      '--enable',
      'simd',
      '--enable',
      'bulk-memory',
      '-O3',
      '--converge',
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
    throw new Error('The module must import a shared memory exactly once.')
  }
  return place + entry.length - 1
}
