import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../complete-lockfile.mjs', import.meta.url))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function complete(packages: object): Record<string, object> {
  const file = join(folder, 'package-lock.json')
  writeFileSync(file, JSON.stringify({ packages }))
  execFileSync(process.execPath, [script, file], { stdio: 'pipe' })
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

const tool = (version: string, ...names: string[]) => ({
  version,
  dev: true,
  optionalDependencies: Object.fromEntries(names.map((name) => [name, version])),
})

it('adds platform packages with the system that their name tells', () => {
  const packages = complete({
    'node_modules/tool': tool('1.2.3', '@tool/linux-x64-musl', '@tool/win32-arm64-msvc'),
  })
  expect(packages).toMatchObject({
    'node_modules/@tool/linux-x64-musl': {
      version: '1.2.3',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    },
    'node_modules/@tool/win32-arm64-msvc': { version: '1.2.3', os: ['win32'], cpu: ['arm64'] },
  })
})

it('puts a second version beside the package that wants it', () => {
  const packages = complete({
    'node_modules/@tool/darwin-x64': { version: '2.0.0' },
    'node_modules/old/node_modules/tool': tool('1.0.0', '@tool/darwin-x64'),
  })
  expect(packages).toMatchObject({
    'node_modules/@tool/darwin-x64': { version: '2.0.0' },
    'node_modules/old/node_modules/@tool/darwin-x64': { version: '1.0.0', os: ['darwin'] },
  })
})

it('leaves a complete lock and version ranges alone', () => {
  const packages = {
    'node_modules/tool': tool('1.0.0', '@tool/linux-x64'),
    'node_modules/@tool/linux-x64': { version: '1.0.0', integrity: 'sha512-abc' },
    'node_modules/watcher': { version: '1.0.0', optionalDependencies: { fsevents: '~2.3.3' } },
  }
  expect(complete(packages)).toEqual(packages)
})
