import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const plugin = fileURLToPath(new URL('../no-spread-literal.grit', import.meta.url))
const biome = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spread-'))
  const rules = { preset: 'none' }
  await writeFile(
    join(folder, 'biome.json'),
    JSON.stringify({ root: true, plugins: [plugin], linter: { rules } }),
  )
})

afterEach(() => rm(folder, { recursive: true, force: true }))

it.each([
  'export const one = { ...{ a: 1 } }',
  'export const some = { a: 1, ...{ b: 2, c: 3 }, d: 4 }',
  'export const inner = [{ a: { ...{ b: 2 } } }]',
  'console.log({ ...{ a: 1 }, b: 2 })',
  'export const lines = {\n  ...{\n    a: 1,\n  },\n}',
])('refuses %j', async (code) => {
  expect(await findings(code)).toBe(1)
})

it.each([
  'export const base = { a: 1 }\nexport const copy = { ...base, b: 2 }',
  'export const f = (x?: number) => ({ ...(x !== undefined && { x }) })',
  'export const g = (x: boolean) => ({ ...(x ? { a: 1 } : { b: 2 }) })',
  'export const list = [...[1, 2]]',
])('allows %j', async (code) => {
  expect(await findings(code)).toBe(0)
})

function findings(code: string): Promise<number> {
  return new Promise((settle, reject) => {
    writeFile(join(folder, 'code.ts'), code).then(() => {
      const command = ['lint', '--reporter=json', 'code.ts']
      execFile(biome, command, { cwd: folder }, (_error, stdout, stderr) => {
        if (stdout === '') reject(new Error(stderr))
        else settle(JSON.parse(stdout).diagnostics.length)
      })
    }, reject)
  })
}
