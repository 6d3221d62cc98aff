import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Rng } from '@gnnrec/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonChanges } from '../src/fuzz/change-text.js'
import { type FuzzOptions, runFuzz, type SubjectCounts } from '../src/fuzz/run-fuzz.js'

// The processes read the sources, as the tests do.
const nodeOptions = ['--import', 'tsx', '--conditions', '@gnnrec/source']
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnnrec-fuzz-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function all(options: Omit<FuzzOptions, 'folder' | 'nodeOptions'>): Promise<SubjectCounts[]> {
  const found: SubjectCounts[] = []
  for await (const counts of runFuzz({ ...options, folder, nodeOptions })) found.push(counts)
  return found
}

test('every kind of misbehaviour is seen, and its smallest input is kept', async () => {
  const found = await all({
    count: 9,
    seed: 30,
    script: fileURLToPath(new URL('./support/misbehaving-cases.ts', import.meta.url)),
    limits: { seconds: 2, bytes: 2 ** 29 },
  })
  const outcomes = found.map(({ subject, counts }) => [subject, Object.keys(counts)])
  expect(Object.fromEntries(outcomes)).toEqual({
    same: ['read the same'],
    typed: ['typed error'],
    foreign: ['foreign error'],
    stray: ['foreign error'],
    hang: ['hang'],
    abort: ['ended process'],
    elsewhere: ['broke out'],
    code: ['broke out'],
    memory: ['too much memory'],
  })
  const [fault] = found.find(({ subject }) => subject === 'foreign')!.faults
  expect(fault.message).toBe('TypeError: a foreign error')
  expect(readFileSync(join(fault.input, 'input', 'text'), 'latin1')).not.toBe('a sound text')
})

test('values that JSON.stringify cannot write take the place of keys and values', () => {
  const sound = Buffer.from('{"name":"made","list":[1,{"inner":2}]}')
  const texts = Array.from({ length: 2000 }, (_, index) =>
    Buffer.from(jsonChanges[0](sound, Rng.fromSeed(index))).toString(),
  )
  expect(texts.some((text) => text.includes('"__proto__":"made"'))).toBe(true)
  expect(texts.some((text) => text.startsWith(`{"name":${'['.repeat(100_000)}]`))).toBe(true)
  expect(texts.filter((text) => text.includes('changed by fuzz'))).toEqual([])
})

test('packing that changes a sound input is refused', async () => {
  const script = fileURLToPath(new URL('./support/badly-packed-cases.ts', import.meta.url))
  await expect(all({ count: 1, seed: 1, script })).rejects.toThrow(
    'badly packed: unpacking and packing changes text.',
  )
})

test('changed files of every kind are read, or refused by a typed error', async () => {
  const found = await all({ count: 250, seed: 1 })
  const faults = found.flatMap(({ subject, faults }) =>
    faults.map(({ outcome, message }) => `${subject}: ${outcome}: ${message}`),
  )
  expect(faults).toEqual([])
  const cases = found.flatMap(({ counts }) => Object.values(counts))
  expect(cases.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(200)
})
