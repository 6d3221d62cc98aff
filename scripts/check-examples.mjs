// Type-checks and runs every `@example` in the doc comments of what the packages export, or every ```ts
// block of the pages in docs/.
//   node scripts/check-examples.mjs [--only PACKAGE] [--root FOLDER]
//   node scripts/check-examples.mjs --pages [--only START_OF_PATH]
// An exported function or class without an example is an error.
import { fork } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { collectExamples } from './examples/collect.mjs'
import { newProjectEvents, readPages } from './examples/pages.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    pages: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
})
const root = resolve(options.root)
/** Milliseconds after which an example that has not ended counts as failed; pages train and choose models. */
const patience = options.pages ? 300_000 : 60_000
const compilerOptions = readCompilerOptions()
const packages = options.pages ? pagesAsked() : readPackages()
const events = options.pages ? newProjectEvents(root) : undefined
process.on('exit', removeScratch)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const start = performance.now()
const host = cachingHost()
const sources = ts.createProgram(
  packages.flatMap(({ entries }) => entries),
  compilerOptions,
  host,
)
for (const each of options.pages ? [] : packages) {
  const { examples, missing } = collectExamples(sources, each.entries)
  each.examples = examples
  each.missing = missing
}
const problems = writeScratch()
problems.push(...typeErrors())
problems.push(...(await runAll()))
report()

function pagesAsked() {
  const { only = '' } = options
  const pages = readPages(root).filter(({ name }) => name.startsWith(only))
  if (pages.length === 0)
    throw new Error(`No page with code has a path that starts with "${only}".`)
  return pages
}

function readPackages() {
  const folder = join(root, 'packages')
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package.json')))
  if (options.only !== undefined && !names.includes(options.only)) {
    throw new Error(`There is no package "${options.only}"; there are ${names.join(', ')}.`)
  }
  return names
    .filter((name) => options.only === undefined || name === options.only)
    .map((name) => {
      const path = join(folder, name)
      const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
      const entries = Object.values(manifest.exports)
        .map((target) => target['@gnnrec/source'])
        .filter((source) => source !== undefined)
        .map((source) => join(path, source))
      // Inside the package, so that its imports resolve as those of the sources do.
      return { name, entries, scratch: join(path, '.examples'), examples: [], missing: [] }
    })
}

function readCompilerOptions() {
  const path = join(root, 'tsconfig.base.json')
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile)
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  const { options: read } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  return { ...read, noEmit: true, allowImportingTsExtensions: true }
}

/** A compiler host that parses each file once for both programs. */
function cachingHost() {
  const made = ts.createCompilerHost(compilerOptions)
  const parsed = new Map()
  const parse = made.getSourceFile
  made.getSourceFile = (path, ...rest) => {
    if (!parsed.has(path)) parsed.set(path, parse(path, ...rest))
    return parsed.get(path)
  }
  return made
}

function removeScratch() {
  const folders = packages.map(({ scratch }) => scratch)
  if (options.pages) folders.push(join(root, 'docs/.examples'))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** Writes each example into a file of its own; returns the problems of those that hold no code. */
function writeScratch() {
  removeScratch()
  const found = []
  for (const { examples, scratch } of packages) {
    for (const [index, example] of examples.entries()) {
      if (example.code === '') {
        found.push({ example, text: 'holds no ```ts block' })
        continue
      }
      mkdirSync(scratch, { recursive: true })
      const name = example.name.replaceAll(/\W+/g, '-')
      example.file = join(scratch, `${String(index).padStart(3, '0')}-${name}.ts`)
      // An example without imports would otherwise share its names with all others.
      writeFileSync(example.file, `${example.code}export {}\n`)
    }
  }
  return found
}

function typeErrors() {
  const written = writtenExamples()
  const program = ts.createProgram({
    rootNames: [...sources.getRootFileNames(), ...written.map(({ file }) => file)],
    options: compilerOptions,
    host,
    oldProgram: sources,
  })
  return written.flatMap((example) => {
    const file = program.getSourceFile(example.file)
    const diagnostics = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]
    return diagnostics.map((diagnostic) => {
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
      const { line } = file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
      return { example, line: example.line + 1 + line, text: `does not compile: ${message}` }
    })
  })
}

function writtenExamples() {
  return packages.flatMap(({ examples }) => examples.filter(({ file }) => file !== undefined))
}

/** Runs the examples of each package in a process of its own, as many at once as there are cores. */
async function runAll() {
  const waiting = packages
    .map(({ examples }) => examples.filter(({ file, run }) => file !== undefined && run))
    .filter((examples) => examples.length > 0)
  const found = []
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      found.push(...(await runInChild(next)))
    }
  })
  await Promise.all(workers)
  return found
}

/** Runs examples one after the other; a process that dies or hangs is started again after the culprit. */
async function runInChild(examples) {
  const found = []
  let left = examples
  while (left.length > 0) {
    const { ended, current, loose, reason } = await startChild(left.map(({ file }) => file))
    for (const result of ended) {
      const example = left.find(({ file }) => file === result.file)
      example.milliseconds = result.milliseconds
      if (problemOf(result) === undefined) continue
      // An example is a program of its own: others before it may have set a backend, for instance.
      // The programs of a page build on each other.
      const isAlone = options.pages || left.length === 1
      const [alone] = isAlone ? [result] : (await startChild([example.file])).ended
      const text = alone ? problemOf(alone) : 'ended its process'
      if (text !== undefined) found.push({ example, text })
    }
    left = left.slice(ended.length)
    if (left.length === 0) break
    const culprit = left.find(({ file }) => file === current) ?? left[0]
    found.push({ example: culprit, text: `ended its process (${reason})\n${loose}` })
    left = left.slice(1)
  }
  return found
}

function problemOf({ output, error }) {
  if (error !== undefined) return `failed: ${error}\n${output}`
  return output.trim() === '' ? 'prints nothing' : undefined
}

function startChild(files) {
  const folder = mkdtempSync(join(tmpdir(), 'gnnrec-examples-'))
  if (events) writeFileSync(join(folder, 'events.csv'), events)
  const child = fork(fileURLToPath(new URL('examples/run-child.mjs', import.meta.url)), files, {
    cwd: folder,
    execArgv: ['--conditions', '@gnnrec/source', '--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = []
  let current
  let loose = ''
  let timer
  let hung = false
  // Output on these pipes comes from a process that the example started, or from a crash.
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      loose += chunk
    })
  }
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, patience)
  }
  wait()
  child.on('message', (message) => {
    wait()
    current = message.file
    if (message.ended) ended.push(message)
  })
  return new Promise((settle, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      rmSync(folder, { recursive: true, force: true })
      const reason = hung ? `no end after ${patience / 1000} s` : `exit code ${code ?? signal}`
      settle({ ended, current, loose, reason })
    })
  })
}

function report() {
  for (const { example, line, text } of problems) {
    const place = `${relative(root, example.source)}:${line ?? example.line}`
    console.error(`${place} the example of ${example.name} ${text}`)
  }
  const missing = packages.flatMap(({ name, missing }) =>
    missing.map((exported) => `@gnnrec/${name} ${exported}`),
  )
  for (const each of missing) console.error(`${each} has no @example`)
  const written = writtenExamples()
  const ran = written.filter(({ milliseconds }) => milliseconds !== undefined)
  const slow = ran.filter(({ milliseconds }) => milliseconds > (options.pages ? 20_000 : 2000))
  for (const { name, milliseconds } of slow) {
    console.log(`note: the example of ${name} took ${(milliseconds / 1000).toFixed(1)} s`)
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(
    `${written.length} examples compiled, ${ran.length} ran in ${seconds} s, ${problems.length} problems; ` +
      `${missing.length} exported functions and classes have no example`,
  )
  if (problems.length > 0 || missing.length > 0) process.exitCode = 1
}
