import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
    count: 7,
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
    memory: ['too much memory'],
  })
  const [fault] = found.find(({ subject }) => subject === 'foreign')!.faults
  expect(fault.message).toBe('TypeError: a foreign error')
  expect(readFileSync(join(fault.input, 'input', 'text'), 'latin1')).not.toBe('a sound text')
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
