// Bundles each entry for a page and fails when Node or, for serving, TensorFlow.js is in the bundle, or when a page that
// loads recommenders gets more than 60 kB of our own code at first.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { build as buildWithVite } from 'vite'
import { runQuietly } from './run-quietly.mjs'

runQuietly('build', 'building the packages')

const root = fileURLToPath(new URL('..', import.meta.url))
const entries = [
  { entry: '@gnnrec/models', tensorFlow: true },
  { entry: '@gnnrec/serving', tensorFlow: false },
  { entry: '@gnnrec/serving/rules', tensorFlow: false },
  { entry: '@gnnrec/server/handler', tensorFlow: false },
]
const own = (path) => /(^|\/)packages\/[^/]+\/dist\//.test(path)
let failed = false

for (const { entry, tensorFlow } of entries) {
  // The whole namespace is kept, so that no export is shaken out.
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
      // A module that esbuild cannot find inside a try block stays in the bundle with only a
      // warning.
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

/** Most bytes of our own code that a page gets before it loads a recommender. */
const mostAtImport = 60_000
const atImport = await ownBytesAtImport(
  "import { Recommender } from '@gnnrec/serving'\nglobalThis.page = [Recommender]\n",
)
console.log(
  `@gnnrec/serving: a page that loads recommenders gets ${(atImport / 1000).toFixed(1)} kB of our own code at first`,
)
if (atImport > mostAtImport) {
  complain('@gnnrec/serving', `got ${atImport} bytes at import; expected at most ${mostAtImport}`)
}
process.exitCode = failed ? 1 : 0

/**
 * Bundles a page with Vite, which gives each page what it uses; esbuild gives it all that the program uses anywhere. Code of
 * other packages stays outside.
 */
async function ownBytesAtImport(contents) {
  const page = `${root}packages/models/page.js`
  const { output } = await buildWithVite({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === page ? id : undefined),
        load: (id) => (id === page ? contents : undefined),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rollupOptions: {
        input: page,
        external: (id) => /^[a-z@]/.test(id) && !id.startsWith('@gnnrec/'),
      },
    },
  })
  const chunks = new Map(output.map((file) => [file.fileName, file]))
  const waiting = output.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName)
  const loaded = new Set()
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (loaded.has(name) || !chunks.has(name)) continue
    loaded.add(name)
    waiting.push(...chunks.get(name).imports)
  }
  return [...loaded].reduce((sum, name) => sum + Buffer.byteLength(chunks.get(name).code), 0)
}

function complain(entry, message) {
  console.error(`${entry}: ${message}`)
  failed = true
}
