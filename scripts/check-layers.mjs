// Checks which module may import which: arrows between packages, entries, cycles, Node, TensorFlow.js.
//   node scripts/check-layers.mjs [repository root]
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { cruise } from 'dependency-cruiser'

process.chdir(resolve(process.argv[2] ?? new URL('..', import.meta.url).pathname))

/** Siblings that the sources of each package may import. */
const arrows = {
  graph: [],
  data: ['graph'],
  eval: ['graph'],
  serving: ['graph'],
  server: ['serving', 'graph'],
  report: ['eval', 'graph'],
  'tfjs-backend-simd': ['graph'],
  ops: ['tfjs-backend-simd', 'graph'],
  models: ['serving', 'ops', 'graph'],
  train: ['models', 'serving', 'eval', 'ops', 'graph'],
  'out-of-core': ['train', 'models', 'serving', 'ops', 'graph'],
  experiments: ['train', 'models', 'serving', 'eval', 'data', 'ops', 'graph'],
  doctor: ['train', 'models', 'eval', 'data', 'ops', 'graph'],
  gnnrec: [
    'server',
    'doctor',
    'experiments',
    'train',
    'models',
    'serving',
    'report',
    'eval',
    'data',
    'graph',
  ],
}

/** Packages for Node alone: they start processes or read files throughout. */
const forNode = ['doctor', 'experiments', 'gnnrec', 'out-of-core']

/** Entries from which TensorFlow.js must not be reachable, so that a server can do without it. */
const withoutTensorFlow = [
  'packages/graph/src/index.ts',
  'packages/graph/src/kernels.ts',
  'packages/graph/src/files.ts',
  'packages/data/src/index.ts',
  'packages/data/src/duckdb.ts',
  'packages/eval/src/index.ts',
  'packages/serving/src/index.ts',
  'packages/serving/src/model-folder.ts',
  'packages/serving/src/rules.ts',
  'packages/serving/src/vectors.ts',
  'packages/server/src/index.ts',
  'packages/server/src/handler.ts',
  'packages/report/src/index.ts',
]

const packages = readdirSync('packages')
const entries = packages.flatMap((name) => {
  const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
  return Object.values(manifest.exports).flatMap((target) =>
    target['@gnnrec/source'] ? [`packages/${name}/${target['@gnnrec/source'].slice(2)}`] : [],
  )
})
for (const name of packages) {
  if (!arrows[name])
    fail(`packages/${name} is new: say in scripts/check-layers.mjs what it may import.`)
}

const architecture = readFileSync('ARCHITECTURE.md', 'utf8')
for (const [name, targets] of Object.entries(arrows)) {
  const row = new RegExp(`^\\| \`${name}\` \\| ([^|]*) \\|`, 'm').exec(architecture)
  const drawn = row?.[1] === 'nothing' ? [] : (row?.[1]?.split(', ') ?? [])
  if (drawn.toSorted().join() !== targets.toSorted().join()) {
    fail(
      `ARCHITECTURE.md says that ${name} imports ${drawn.join(', ') || 'nothing'}; scripts/check-layers.mjs allows ${targets.join(', ') || 'nothing'}. Make them agree.`,
    )
  }
}

const literally = (paths) => `^(${paths.map((path) => path.replaceAll('.', '\\.')).join('|')})$`

const importRules = [
  {
    name: 'no-cycle',
    comment: 'Modules that import each other can only be understood, and loaded, together.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-unresolved',
    comment: 'The module is missing, or `exports` of its package does not list it.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-deep-import',
    comment: 'Import a sibling package by an entry that its `exports` lists, not by a file of it.',
    from: { path: '^packages/([^/]+)/' },
    to: {
      path: '^packages/(?!$1/)',
      pathNot: literally(entries),
    },
  },
  {
    name: 'no-relative-import-of-sibling',
    comment: 'Import a sibling package by its name.',
    from: { path: '^packages/([^/]+)/' },
    to: { path: '^packages/(?!$1/)', dependencyTypes: ['local'] },
  },
  ...Object.entries(arrows).map(([name, targets]) => ({
    name: `arrows-of-${name}`,
    comment: `${name} may import ${targets.join(', ') || 'no sibling'}; arrows point one way only.`,
    from: { path: `^packages/${name}/` },
    to: { path: `^packages/(?!(${[name, ...targets].join('|')})/)` },
  })),
  {
    name: 'no-node-import',
    comment:
      'A module of Node outside an entry `node` breaks pages: use process.getBuiltinModule when it is needed.',
    from: {
      pathNot: `^packages/([^/]+/src/node(\\.ts$|/)|(${forNode.join('|')})/)`,
    },
    to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only', 'type-import'] },
  },
]

// Types vanish in the build, so only what is imported at run time counts here.
const reachabilityRules = [
  {
    name: 'no-tensorflow',
    comment: 'This entry has to work where TensorFlow.js is not installed.',
    from: { path: literally(withoutTensorFlow) },
    to: { path: 'node_modules/@tensorflow/', reachable: true },
  },
]

for (const entry of withoutTensorFlow) {
  if (!existsSync(entry)) fail(`${entry} of scripts/check-layers.mjs does not exist.`)
}
const checked = await check(importRules, 'specify')
await check(reachabilityRules, false)
console.log(`${checked} modules of ${packages.length} packages import only allowed modules.`)

async function check(forbidden, tsPreCompilationDeps) {
  const { output, exitCode } = await cruise(
    packages.map((name) => `packages/${name}/src`),
    {
      validate: true,
      ruleSet: { forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })) },
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps,
      moduleSystems: ['es6'],
      outputType: 'err-long',
      enhancedResolveOptions: {
        conditionNames: ['@gnnrec/source', 'import', 'node', 'default'],
        exportsFields: ['exports'],
        extensions: ['.ts', '.js', '.d.ts'],
      },
    },
  )
  if (exitCode !== 0) fail(output)
  return Number(/(\d+) modules/.exec(output)?.[1])
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
