// Bundles what a page would load and fails where Node or, for serving, TensorFlow.js gets in.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { runQuietly } from './run-quietly.mjs'

runQuietly('build', 'building the packages')

const root = fileURLToPath(new URL('..', import.meta.url))
const entries = [
  { entry: '@gnnrec/models', tensorFlow: true },
  { entry: '@gnnrec/serving', tensorFlow: false },
]
const own = (path) => /(^|\/)packages\/[^/]+\/dist\//.test(path)
let failed = false

for (const { entry, tensorFlow } of entries) {
  // A namespace kept whole, so that nothing is shaken out that a page might use.
  const contents = `import * as everything from '${entry}'\nglobalThis.gnnrec = everything\n`
  const { metafile, errors } = await build({
    stdin: { contents, resolveDir: `${root}packages/models`, sourcefile: 'page.js' },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    splitting: true,
    outdir: 'bundle',
    logLevel: 'silent',
  }).catch((error) => error)
  if (errors.length > 0) {
    for (const { text, location } of errors) complain(entry, `${location?.file}: ${text}`)
    continue
  }

  const inputs = Object.entries(metafile.inputs)
  const tfjs = inputs.find(([path]) => path.includes('node_modules/@tensorflow/'))
  if (tfjs && !tensorFlow) complain(entry, `contains TensorFlow.js, first ${tfjs[0]}`)
  for (const [path, { imports }] of inputs) {
    for (const { path: imported, external } of imports) {
      // What esbuild cannot find inside a try block it leaves in the bundle with a warning only.
      if (external) complain(entry, `${path} imports ${imported}, which a page does not have`)
    }
  }
  let ownBytes = 0
  let bytes = 0
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      bytes += bytesInOutput
      if (own(path)) ownBytes += bytesInOutput
    }
  }
  const kilobytes = (count) => `${(count / 1000).toFixed(0)} kB`
  console.log(
    `${entry}: ${kilobytes(bytes)} minified, ${kilobytes(ownBytes)} of them our own code, ` +
      (tfjs ? 'with TensorFlow.js' : 'without TensorFlow.js'),
  )
}
process.exitCode = failed ? 1 : 0

function complain(entry, message) {
  console.error(`${entry}: ${message}`)
  failed = true
}
