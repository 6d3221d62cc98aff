import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../packages', import.meta.url))
const script = fileURLToPath(new URL('../check-layers.mjs', import.meta.url))
/** The packages of the repository, with their entries. */
const packages: Record<string, string[]> = Object.fromEntries(
  readdirSync(folder).map((name) => {
    const { exports } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'))
    const paths = Object.keys(exports).filter((path) => path !== './package.json')
    return [name, paths.map((path) => (path === '.' ? 'index' : path.slice(2)))]
  }),
)
const architecture = fileURLToPath(new URL('../../ARCHITECTURE.md', import.meta.url))
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'layers-'))
  await write('node_modules/@tensorflow/tfjs-core/package.json', '{"main":"index.js"}')
  await write('node_modules/@tensorflow/tfjs-core/index.js', 'exports.ones = 1')
  await mkdir(join(root, 'node_modules/@gnnrec'))
  for (const [name, entries] of Object.entries(packages)) {
    const exports = Object.fromEntries(
      entries.map((entry) => [
        entry === 'index' ? '.' : `./${entry}`,
        { '@gnnrec/source': `./src/${entry}.ts`, default: `./dist/${entry}.js` },
      ]),
    )
    await write(`packages/${name}/package.json`, JSON.stringify({ name, exports }))
    for (const entry of entries) await write(`packages/${name}/src/${entry}.ts`, 'export {}\n')
    await symlink(join(root, `packages/${name}`), join(root, `node_modules/@gnnrec/${name}`))
  }
  await write('packages/graph/src/id.ts', 'export {}\n')
  await write('packages/graph/src/index.ts', "import './id.js'\n")
  await write('packages/ops/src/index.ts', "import '@tensorflow/tfjs-core'\n")
  await copyFile(architecture, join(root, 'ARCHITECTURE.md'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(path: string, text: string) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

async function complaints(): Promise<string[]> {
  try {
    await promisify(execFile)(process.execPath, [script, root])
    return []
  } catch (error) {
    const { stderr } = error as { stderr: string }
    return [...new Set(stderr.match(/(?<=error )[\w-]+(?=:)/g) ?? [stderr])]
  }
}

it('accepts imports along the arrows, types of Node and an entry for Node', async () => {
  await write(
    'packages/models/src/index.ts',
    "import '@gnnrec/ops'\nimport '@tensorflow/tfjs-core'\nimport type * as Fs from 'node:fs'\nexport type { Fs }\n",
  )
  await write('packages/data/src/node.ts', "import 'node:fs'\n")
  expect(await complaints()).toEqual([])
})

it.each<[string, string, string, string]>([
  ['an arrow that points back', 'arrows-of-graph', 'graph/src/index.ts', "import '@gnnrec/eval'"],
  [
    'a type that crosses an arrow',
    'arrows-of-eval',
    'eval/src/index.ts',
    "import type { GraphModel } from '@gnnrec/models'",
  ],
  [
    'a file of a sibling',
    'no-deep-import',
    'models/src/index.ts',
    "import '../../graph/src/id.ts'",
  ],
  [
    'a subpath that exports does not list',
    'no-unresolved',
    'models/src/index.ts',
    "import '@gnnrec/graph/src/id.js'",
  ],
  [
    'an entry of a sibling by its path',
    'no-relative-import-of-sibling',
    'models/src/index.ts',
    "import '../../graph/src/index.js'",
  ],
  ['an import cycle', 'no-cycle', 'graph/src/id.ts', "import './index.js'"],
  ['a cycle of types', 'no-cycle', 'graph/src/id.ts', "import type { A } from './index.js'"],
  ['a module of Node', 'no-node-import', 'data/src/index.ts', "import 'node:fs'"],
  ['a module of Node without node:', 'no-node-import', 'data/src/index.ts', "import 'fs'"],
  [
    'a dynamic import of Node',
    'no-node-import',
    'data/src/index.ts',
    "export const files = () => import('node:fs')",
  ],
  [
    'TensorFlow.js behind an entry that does without it',
    'no-tensorflow',
    'graph/src/id.ts',
    "import '@tensorflow/tfjs-core'",
  ],
  [
    'a package with TensorFlow.js in one without',
    'arrows-of-serving',
    'serving/src/index.ts',
    "import '@gnnrec/ops'",
  ],
])('rejects %s', async (_title, rule, path, text) => {
  await write(`packages/${path}`, `${text}\n`)
  expect(await complaints()).toContain(rule)
})

it('asks what a new package may import', async () => {
  await write('packages/plots/package.json', '{"exports":{}}')
  expect(await complaints()).toEqual([expect.stringContaining('packages/plots is new')])
})

it('compares the table of ARCHITECTURE.md with its own list', async () => {
  const text = await readFile(architecture, 'utf8')
  await write('ARCHITECTURE.md', text.replace('| `eval` | graph |', '| `eval` | graph, models |'))
  expect(await complaints()).toEqual([expect.stringContaining('eval imports graph, models')])
})
