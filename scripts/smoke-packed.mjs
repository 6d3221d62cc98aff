// Uses the packages as a user does: packs them, installs the tarballs into empty folders outside the
// repository and runs the snippets of README.md and docs/packages.md there unchanged, on this Node and on the current
// LTS. Also checks that packages for servers and analyses install without TensorFlow.js.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packPackages } from './pack-packages.mjs'
import { titledSnippets } from './readme-snippets.mjs'
import { runQuietly } from './run-quietly.mjs'

const ltsMajor = '24'

/**
 * Kinds of users: packages that each installs by name, and packages that come along as
 * dependencies.
 */
const users = [
  {
    snippet: 'short',
    asked: ['gnnrec'],
    brings: [
      'graph',
      'serving',
      'server',
      'ops',
      'tfjs-backend-simd',
      'models',
      'train',
      'eval',
      'data',
      'report',
      'experiments',
      'doctor',
    ],
  },
  {
    snippet: 'models-only',
    asked: ['models'],
    brings: ['graph', 'serving', 'ops', 'tfjs-backend-simd'],
  },
  {
    snippet: 'pipeline',
    asked: ['models', 'train', 'eval', 'data', 'report'],
    brings: ['graph', 'serving', 'ops', 'tfjs-backend-simd'],
  },
  {
    snippet: 'experiment',
    asked: ['experiments', 'doctor'],
    brings: ['graph', 'serving', 'ops', 'tfjs-backend-simd', 'models', 'train', 'eval', 'data'],
  },
]

/**
 * Packages that must install without TensorFlow.js, the packages that come along as dependencies,
 * and the most megabytes that all of it may take.
 */
const withoutTensorFlow = [
  { name: 'serving', brings: ['graph'], mostMegabytes: 10 },
  { name: 'data', brings: ['graph'] },
  { name: 'eval', brings: ['graph'] },
  { name: 'report', brings: ['graph', 'eval'] },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))
const work = mkdtempSync(join(tmpdir(), 'gnnrec-smoke-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

runQuietly('build', 'building the packages')
const packed = packPackages(work)
for (const each of withoutTensorFlow) installWithoutTensorFlow(each)
const snippets = new Map(
  ['README.md', 'docs/packages.md'].flatMap((path) => [
    ...titledSnippets(readFileSync(join(root, path), 'utf8')),
  ]),
)
const nodes = [process.execPath, ...ltsNode()]

for (const { snippet, asked, brings } of users) {
  const folder = install(snippet, [...asked, ...brings])
  const entries = [...asked, ...brings].flatMap(entriesOf)
  if (snippet === 'short') startProject(folder)
  compile(folder, snippet)
  writeFileSync(join(folder, 'imports.mjs'), importsModule(entries))
  writeFileSync(join(folder, 'requires.cjs'), requiresModule(entries))
  for (const node of nodes) {
    const version = run(node, ['--version'], folder).trim()
    expectSilence(run(node, ['imports.mjs'], folder), `importing ${asked}`)
    expectSilence(run(node, ['requires.cjs'], folder), `requiring ${asked}`)
    console.log(`\n${snippet} on Node ${version}:`)
    process.stdout.write(run(node, [`${snippet}.js`], folder))
    // The next Node must not find the results of this one.
    if (snippet === 'short') useCommand(node, folder)
    for (const made of ['runs', 'model']) {
      if (snippet !== 'models-only') rmSync(join(folder, made), { recursive: true, force: true })
    }
  }
  if (snippet === 'models-only') serveWithoutTensorFlow(folder)
  if (snippet === 'experiment') {
    const doctor = join('node_modules', '.bin', 'gnnrec-doctor')
    process.stdout.write(run(doctor, ['--backends', 'simd', '--parts', 'kernels'], folder))
  }
}
console.log(`\npacked packages work on ${nodes.length} version(s) of Node`)

function install(title, names) {
  const folder = join(work, title)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n')
  npm(
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      ...names.map((n) => packed.get(n).tarball),
    ],
    folder,
  )
  const { packages } = JSON.parse(
    readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'),
  )
  for (const [path, { hasInstallScript }] of Object.entries(packages)) {
    if (hasInstallScript) fail(`${title} installs ${path}, which has an install script`)
  }
  const own = readdirSync(join(folder, 'node_modules/@gnnrec')).sort()
  const wanted = names.filter((name) => name !== 'gnnrec').sort()
  if (own.join() !== wanted.join()) fail(`${title} installed ${own}, expected ${wanted}`)
  return folder
}

/** Writes a project as `gnnrec init` does, checks its types, and takes its events for the snippet. */
function startProject(folder) {
  run(join('node_modules', '.bin', 'gnnrec'), ['init', 'project'], folder)
  const project = join(folder, 'project')
  for (const file of ['train', 'recommend']) {
    renameSync(join(project, `${file}.ts`), join(folder, `project-${file}.ts`))
    checkTypes(folder, `project-${file}`)
  }
  renameSync(join(project, 'events.csv'), join(folder, 'events.csv'))
}

/** Asks the model that the snippet has saved. */
function useCommand(node, folder) {
  const command = join('node_modules', 'gnnrec', 'bin', 'gnnrec.js')
  for (const args of [
    ['recommend', 'model', 'user-7', '-k', '3'],
    ['similar', 'model', 'green tea', '-k', '3'],
  ]) {
    process.stdout.write(run(node, [command, ...args], folder))
  }
}

/** Installs one package alone and checks what it brings. */
function installWithoutTensorFlow({ name, brings, mostMegabytes }) {
  const modules = join(install(`alone-${name}`, [name, ...brings]), 'node_modules')
  if (existsSync(join(modules, '@tensorflow'))) fail(`@gnnrec/${name} installs @tensorflow`)
  const megabytes = bytesIn(modules) / 1e6
  console.log(`@gnnrec/${name} alone takes ${megabytes.toFixed(1)} MB of node_modules, most of it:`)
  console.log(largestPackages(modules).join('\n'))
  if (mostMegabytes !== undefined && megabytes >= mostMegabytes) {
    fail(`@gnnrec/${name} alone must take less than ${mostMegabytes} MB`)
  }
}

function bytesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

function largestPackages(modules) {
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'))
  return Object.keys(packages)
    .map((path) => ({ path, megabytes: bytesIn(join(modules, '..', path)) / 1e6 }))
    .sort((a, b) => b.megabytes - a.megabytes)
    .slice(0, 5)
    .map(({ path, megabytes }) => `  ${megabytes.toFixed(1)} MB ${path}`)
}

/** Compiles the snippet and checks its types and those of our packages with strict settings. */
function compile(folder, title) {
  const code = snippets.get(title)
  if (!code) fail(`README.md and docs/packages.md have no snippet with title=${title}`)
  writeFileSync(join(folder, `${title}.ts`), code)
  checkTypes(folder, title)
}

function checkTypes(folder, title) {
  const options = ['--module', 'nodenext', '--target', 'es2022', '--strict']
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, `${title}.ts`], {
    cwd: folder,
    encoding: 'utf8',
  })
  // The types of tfjs-core 4.22 have errors in TypeScript 6.
  const ours = stdout
    .split('\n')
    .filter((line) => /^(\w|-)+\.ts|^node_modules\/(@gnnrec\/|gnnrec\/)/.test(line))
  if (ours.length > 0) fail(ours.join('\n'))
}

function entriesOf(name) {
  const manifest = JSON.parse(readFileSync(join(root, `packages/${name}/package.json`), 'utf8'))
  return Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `${manifest.name}${subpath.slice(1)}`)
}

function importsModule(entries) {
  return `${entries.map((entry) => `import '${entry}'`).join('\n')}
import * as tf from '@tensorflow/tfjs-core'
const backends = Object.keys(tf.engine().registryFactory)
if (backends.length > 0) throw new Error('importing registered backends: ' + backends)
if (tf.getKernelsForBackend('cpu').length > 0) throw new Error('importing registered kernels')
`
}

function requiresModule(entries) {
  return `for (const entry of ${JSON.stringify(entries)}) {
  if (Object.keys(require(entry)).length === 0) throw new Error(entry + ' exports nothing')
}
`
}

/** Removes TensorFlow.js and checks that the saved model of the snippet still recommends. */
function serveWithoutTensorFlow(folder) {
  renameSync(join(folder, 'node_modules/@tensorflow'), join(folder, 'taken-away'))
  if (!existsSync(join(folder, 'model'))) fail('the snippet models-only saves no folder "model"')
  writeFileSync(
    join(folder, 'serve.mjs'),
    `import '@gnnrec/graph/kernels'
import { Recommender } from '@gnnrec/serving'
const recommender = await Recommender.load('model')
const [user] = recommender.users.ids
if (recommender.recommend(user, { k: 1 }).items.length !== 1) throw new Error('no recommendation')
`,
  )
  for (const node of nodes) expectSilence(run(node, ['serve.mjs'], folder), 'serving')
  console.log('\nthe saved model answers where TensorFlow.js is not installed')
}

/** Installs the current LTS from the npm registry; returns no path when it is not available. */
function ltsNode() {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${system}-${process.arch}`
  const folder = join(work, 'node')
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  try {
    npm(['install', '--no-audit', '--no-fund', '--prefer-offline', `${name}@${ltsMajor}`], folder)
    const binary = process.platform === 'win32' ? 'node.exe' : 'node'
    return [join(folder, 'node_modules', name, 'bin', binary)]
  } catch (error) {
    console.log(
      `LEFT OUT: Node ${ltsMajor} (LTS), since ${name}@${ltsMajor} cannot be installed here`,
    )
    console.log(error.stderr)
    return []
  }
}

function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs a program and returns its output of both channels; ends this process when it fails. */
function run(program, args, cwd) {
  try {
    return execFileSync('sh', ['-c', 'exec "$@" 2>&1', 'sh', program, ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  } catch (error) {
    return fail(`${program} ${args.join(' ')} failed:\n${error.stdout}`)
  }
}

function expectSilence(output, action) {
  if (output !== '') fail(`${action} printed:\n${output}`)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
