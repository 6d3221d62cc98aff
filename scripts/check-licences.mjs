// Checks the code of others that users install or that is part of the built packages:
// - licences of all runtime dependencies are on the list below, and SECURITY.md lists them;
// - none of them runs a script when it is installed;
// - each built package has the notices of all code of others in it, whose licences are on that list, too.
//   node scripts/check-licences.mjs [--write]    writes the lists into SECURITY.md
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runQuietly } from './run-quietly.mjs'

/** Licences that allow what ours (MIT) allows, given a notice. */
const allowed = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD']

/** Packages of others in built ones that leave no trace in the text of the files. */
const hidden = { graph: ['assemblyscript'], 'tfjs-backend-simd': ['@tensorflow/tfjs-core'] }

const { values } = parseArgs({ options: { write: { type: 'boolean' } } })
const root = fileURLToPath(new URL('..', import.meta.url))
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
const names = readdirSync(join(root, 'packages'))
const problems = []

const runtime = new Map()
for (const name of names) {
  const manifest = lock[`packages/${name}`]
  visit(`packages/${name}`, [...dependenciesOf(manifest), ...peersOf(manifest, false)], name)
}
for (const [path, { entry }] of runtime) {
  const { license = 'none', hasInstallScript } = entry
  if (!allowed.includes(license)) problems.push(`${path} has the licence ${license}.`)
  if (hasInstallScript) problems.push(`${path} runs a script when it is installed.`)
}

const security = join(root, 'SECURITY.md')
const text = readFileSync(security, 'utf8')
const lists = { dependencies: dependencyTable(), optional: optionalTable() }
let written = text
for (const [title, table] of Object.entries(lists)) {
  const section = new RegExp(`(<!-- ${title} -->\n)[\\s\\S]*?(<!-- end of ${title} -->)`)
  if (!section.test(text)) problems.push(`SECURITY.md lacks the marks of its list "${title}".`)
  written = written.replace(section, (_, start, end) => `${start}\n${table}\n\n${end}`)
}
if (values.write) writeFileSync(security, written)
else if (written !== text) {
  problems.push('SECURITY.md lists other packages: node scripts/check-licences.mjs --write')
}

runQuietly('build', 'building the packages')
for (const name of names) checkNotices(name)

for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
console.log(`${runtime.size} runtime dependencies; notices of ${names.length} packages checked`)

function dependenciesOf({ dependencies = {}, optionalDependencies = {} }) {
  return Object.keys({ ...dependencies, ...optionalDependencies })
}

function peersOf({ peerDependencies = {}, peerDependenciesMeta = {} }, optional) {
  return Object.keys(peerDependencies).filter(
    (peer) => Boolean(peerDependenciesMeta[peer]?.optional) === optional,
  )
}

/** Collects what is installed with a package, as Node finds it from the package's folder. */
function visit(from, dependencies, user) {
  for (const dependency of dependencies) {
    if (dependency.startsWith('@gnnrec/')) continue
    const path = find(from, dependency)
    if (path === undefined) {
      problems.push(`${from} needs ${dependency}, which package-lock.json lacks.`)
      continue
    }
    const known = runtime.get(path) ?? { entry: lock[path], users: new Set() }
    if (known.users.has(user)) continue
    runtime.set(path, { ...known, users: known.users.add(user) })
    visit(path, [...dependenciesOf(lock[path]), ...peersOf(lock[path], false)], user)
  }
}

function find(from, dependency) {
  for (let folder = from; ; folder = folder.replace(/(^|\/)[^/]*$/, '')) {
    const path = `${folder}${folder && '/'}node_modules/${dependency}`
    if (lock[path]) return path
    if (folder === '') return undefined
  }
}

function dependencyTable() {
  // A version may be installed at several places.
  const usersOf = new Map()
  for (const [path, { entry, users }] of runtime) {
    const start = `| ${nameOf(path)} | ${entry.version} | ${entry.license}`
    usersOf.set(start, new Set([...(usersOf.get(start) ?? []), ...users]))
  }
  const rows = [...usersOf].map(([start, users]) => `${start} | ${[...users].sort().join(', ')} |`)
  return [
    '| package | version | licence | installed with |',
    '|---|---|---|---|',
    ...rows.sort(),
  ].join('\n')
}

function optionalTable() {
  const rows = new Map()
  for (const name of names) {
    for (const peer of peersOf(lock[`packages/${name}`], true)) {
      const path = find(`packages/${name}`, peer)
      const { license = '', hasInstallScript } = path === undefined ? {} : lock[path]
      const row = rows.get(peer) ?? { license, hasInstallScript, users: [] }
      row.users.push(name)
      rows.set(peer, row)
    }
  }
  // tfjs-node is not in package-lock.json, since its script downloads TensorFlow.
  const known = { license: 'Apache-2.0', hasInstallScript: true }
  const lines = [...rows].map(([peer, { users, ...row }]) => {
    const { license, hasInstallScript } = row.license ? row : known
    return `| ${peer} | ${license} | ${users.join(', ')} | ${hasInstallScript ? 'yes' : 'no'} |`
  })
  const head = [
    '| package | licence | for | runs a script when it is installed |',
    '|---|---|---|---|',
  ]
  return [...head, ...lines.sort()].join('\n')
}

function nameOf(path) {
  return path.replace(/^.*node_modules\//, '')
}

/** Finds code of others by the comments that esbuild writes before each file, apart from the build's own list. */
function checkNotices(name) {
  const dist = join(root, 'packages', name, 'dist')
  const found = new Set(hidden[name] ?? [])
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!file.endsWith('.js')) continue
    const code = readFileSync(join(dist, file), 'utf8')
    for (const [, party] of code.matchAll(/^\/\/ \S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm)) {
      found.add(party)
    }
  }
  const file = join(dist, 'THIRD-PARTY-NOTICES.txt')
  const notices = existsSync(file) ? readFileSync(file, 'utf8') : ''
  for (const party of found) {
    const start = notices.indexOf(`\n${party} `)
    const [notice = ''] = start < 0 ? [] : notices.slice(start).split(`\n${'-'.repeat(80)}\n`)
    const [, license = 'none'] = /^Licence: (.*)$/m.exec(notice) ?? []
    if (!allowed.includes(license)) {
      problems.push(`packages/${name}/dist contains ${party}, which has the licence ${license}.`)
    }
    if (!/permission is hereby granted|apache license|redistribution and use/i.test(notice)) {
      if (!/permission to use, copy, modify/i.test(notice)) {
        problems.push(`packages/${name}/dist contains ${party}, and its notices lack the licence.`)
      }
    }
  }
}
