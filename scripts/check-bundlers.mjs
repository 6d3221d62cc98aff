// Bundles programs that use every package with the usual bundlers, and runs the bundles: for a server in
// a folder without packages, for a page in Chromium. Each must print what the same program prints without
// a bundler, both with and without optional packages.
//   node scripts/check-bundlers.mjs [--only BUNDLER]... [--folder FOLDER]
// FOLDER keeps what is installed and bundled, so that the next check installs the packages alone.
import { execFile, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { packPackages } from './pack-packages.mjs'
import { runQuietly } from './run-quietly.mjs'

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, folder: { type: 'string' } },
})

/** Bundlers and what they need, in the versions that are checked. */
const tools = {
  webpack: ['webpack@5.113.0'],
  esbuild: ['esbuild@0.28.2'],
  rollup: [
    'rollup@4.68.8',
    '@rollup/plugin-node-resolve@16.0.3',
    '@rollup/plugin-commonjs@29.0.3',
    '@rollup/plugin-json@6.1.0',
  ],
  vite: ['vite@8.4.0'],
  next: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
}
/** Packages that users may leave out. Those with native code are not among them, since no bundle contains them. */
const optionalPackages = [
  'apache-arrow@21.2.0',
  'bullmq@6.7.0',
  'hyparquet-writer@0.17.0',
  'ioredis@6.0.0',
]

const chosen = values.only ?? Object.keys(tools)
const execute = promisify(execFile)
const started = performance.now()
const work = values.folder
  ? resolve(values.folder)
  : mkdtempSync(join(tmpdir(), 'gnnrec-bundlers-'))
if (!values.folder) process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const bare = mkdtempSync(join(tmpdir(), 'gnnrec-bare-'))
process.on('exit', () => rmSync(bare, { recursive: true, force: true }))
const failures = []

const allPrograms = ['pipeline-main', 'processes-main', 'page-main']

runQuietly('build', 'building the packages')
await install()
const setAside = () => movePackages(join(work, 'node_modules'), join(work, 'aside'))
const putBack = () => movePackages(join(work, 'aside'), join(work, 'node_modules'))

const pages = []
setAside()
await checkAll('without optional packages', chosen)
await checkPages()
putBack()
// The packages differ little from others, so that the two strictest bundlers suffice.
const strictest = chosen.filter((name) => ['webpack', 'esbuild'].includes(name))
await checkAll('with optional packages', strictest, ['pipeline-main', 'processes-main'])

const seconds = ((performance.now() - started) / 1000).toFixed(0)
if (failures.length > 0) {
  console.error(failures.join('\n\n'))
  process.exitCode = 1
} else
  console.log(
    `bundles of ${chosen.join(', ')} print what unbundled programs print, in ${seconds} s`,
  )

async function install() {
  mkdirSync(work, { recursive: true })
  // A folder that is used again has earlier builds of the packages, and optional ones may be set aside.
  for (const stale of ['node_modules/@gnnrec', 'aside', 'package-lock.json']) {
    rmSync(join(work, stale), { recursive: true, force: true })
  }
  process.stderr.write('installing packages and bundlers… ')
  const start = performance.now()
  const tarballs = [...packPackages(work).values()].map(({ tarball }) => tarball)
  writeFileSync(join(work, 'package.json'), '{"private":true,"type":"module"}\n')
  const packages = [...tarballs, ...chosen.flatMap((name) => tools[name]), ...optionalPackages]
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
  await execute('npm', ['install', ...flags, ...packages], { cwd: work })
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(0)} s\n`)
}

/** Moves the packages that a user may not have installed. */
function movePackages(from, to) {
  mkdirSync(to, { recursive: true })
  for (const name of optionalPackages.map((each) => each.replace(/@[^@]*$/, ''))) {
    if (existsSync(join(from, name))) renameSync(join(from, name), join(to, name))
  }
}

/** Bundles programs with each bundler and runs those for servers. */
async function checkAll(title, bundlers, programs = allPrograms) {
  const folder = new URL('bundlers', import.meta.url)
  cpSync(fileURLToPath(folder), work, { recursive: true })
  rmSync(join(work, 'out'), { recursive: true, force: true })
  const expected = {}
  for (const program of allPrograms) {
    expected[program] = await output([`${program}.mjs`], work)
    if (expected[program] === '') throw new Error(`${program}.mjs prints nothing to compare with`)
  }
  // Two at a time keep two cores busy.
  const waiting = [...bundlers]
  const next = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const start = performance.now()
      await attempt(`${name} ${title}`, () =>
        name === 'next' ? checkNext(expected) : checkBundler(name, title, programs, expected),
      )
      const took = ((performance.now() - start) / 1000).toFixed(0)
      console.log(`${name} ${title}: ${took} s`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, next))
}

async function checkBundler(name, title, programs, expected) {
  await output(['bundle.mjs', name, ...programs], work)
  const bundled = new Set()
  for (const folder of readdirSync(join(work, 'out')).filter((each) => each.startsWith(name))) {
    const built = join(work, 'out', folder)
    const files = readdirSync(built)
    const isPage = folder.endsWith('-page')
    for (const program of programs.filter((each) => (each === 'page-main') === isPage)) {
      const file = files.find((each) => each.replace(/\.[cm]?js$/, '') === program)
      if (file === undefined) throw new Error(`${folder} lacks ${program}`)
      bundled.add(program)
      if (program === 'page-main') {
        pages.push({ name: folder, folder: built, file, expected: expected[program] })
        continue
      }
      // A pipeline needs no packages; programs that start processes find those of the packages.
      const place = program === 'pipeline-main' ? join(bare, title, folder) : built
      if (place !== built) cpSync(built, place, { recursive: true })
      const cwd = place === built ? work : bare
      const printed = await output([join(place, file)], cwd)
      expectSame(`${folder}, ${program}, ${title}`, printed, expected[program])
    }
  }
  const missing = programs.filter((program) => !bundled.has(program))
  if (missing.length > 0) throw new Error(`no bundle of ${missing.join(', ')}`)
}

async function checkNext(expected) {
  for (const bundler of ['webpack', 'turbopack']) {
    const cwd = join(work, 'next')
    const env = { ...process.env, DIST: `.next-${bundler}`, NEXT_TELEMETRY_DISABLED: '1' }
    const next = join(work, 'node_modules/next/dist/bin/next')
    await output([next, 'build', `--${bundler}`], cwd, env)
    pages.push({ name: `next-${bundler}`, next, cwd, env, expected })
  }
}

/** Opens each page in Chromium and compares what it computed. */
async function checkPages() {
  const chromium = [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].find(
    (path) => path !== undefined && existsSync(path),
  )
  if (!chromium) {
    console.log(
      'LEFT OUT: running pages, since Chromium is missing (Debian: apt-get install chromium)',
    )
    return
  }
  const manifest = new URL('../packages/report/package.json', import.meta.url)
  const { default: puppeteer } = await import(createRequire(manifest).resolve('puppeteer-core'))
  const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox'] })
  try {
    for (const page of pages) {
      await attempt(page.name, () =>
        page.next ? openNext(browser, page) : openPage(browser, page),
      )
    }
  } finally {
    await browser.close()
  }
}

async function openPage(browser, { name, folder, file, expected }) {
  const kind = name.startsWith('webpack') ? 'defer' : 'type="module"'
  const index = `<!doctype html><meta charset="utf-8"><script ${kind} src="/${file}"></script>`
  const server = createServer(async ({ url }, response) => {
    if (url === '/') return response.setHeader('content-type', 'text/html').end(index)
    const bytes = await readFile(join(folder, url)).catch(() => undefined)
    if (!bytes) return response.writeHead(404).end()
    const type = { '.js': 'text/javascript', '.css': 'text/css' }[extname(url)]
    return response.setHeader('content-type', type ?? 'application/octet-stream').end(bytes)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = `http://127.0.0.1:${server.address().port}/`
    expectSame(`${name} in Chromium`, (await visit(browser, address)).result, expected)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

async function openNext(browser, { name, next, cwd, env, expected }) {
  const port = await freePort()
  const server = spawn(process.execPath, [next, 'start', '-p', `${port}`], { cwd, env })
  let said = ''
  try {
    await new Promise((resolve, reject) => {
      for (const channel of [server.stdout, server.stderr]) {
        channel.on('data', (text) => {
          said += text
          if (/Ready in/.test(said)) resolve()
        })
      }
      server.on('exit', () => reject(new Error(`next start ended:\n${said}`)))
    })
    const { result, onServer } = await visit(browser, `http://127.0.0.1:${port}/`)
    expectSame(`${name} on the server`, onServer ?? said, expected['pipeline-main'])
    expectSame(`${name} in Chromium`, result, expected['page-main'])
  } finally {
    server.kill('SIGKILL')
  }
}

async function visit(browser, address) {
  const page = await browser.newPage()
  const messages = []
  page.on('console', (message) => messages.push(message.text()))
  page.on('pageerror', (error) => messages.push(error.message))
  try {
    await page.goto(address, { timeout: 60_000 })
    const onServer = await page.evaluate(() => document.querySelector('#server')?.textContent)
    await page.waitForFunction('globalThis.result !== undefined', { timeout: 60_000 })
    return { onServer, result: await page.evaluate('globalThis.result') }
  } catch (error) {
    throw new Error(`${error.message}\n${messages.join('\n')}`)
  } finally {
    await page.close()
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Runs Node and returns the last line that it prints. */
async function output(args, cwd, env = process.env) {
  try {
    const { stdout } = await execute(process.execPath, args, { cwd, env, maxBuffer: 2 ** 26 })
    return stdout.trim().split('\n').at(-1)
  } catch ({ stdout, stderr, message }) {
    throw new Error([message.split('\n')[0], stdout, stderr].join('\n'))
  }
}

async function attempt(name, action) {
  try {
    await action()
  } catch (error) {
    failures.push(`${name}: ${error.message}`)
  }
}

function expectSame(name, printed, expected) {
  if (printed !== expected) failures.push(`${name}: printed\n${printed}\nexpected\n${expected}`)
}
