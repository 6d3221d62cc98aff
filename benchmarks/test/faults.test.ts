import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { leftovers, stateOf } from '../src/faults/content.js'
import { runFaults, type WriterFaults } from '../src/faults/run-faults.js'
import { straceProblem } from '../src/faults/strace.js'
import { callsIn } from '../src/faults/system-calls.js'
import { misbehaving } from './support/misbehaving-writers.js'

test.each([
  [{ a: 'old', b: 'old' }, 'old'],
  [{ a: 'new', b: 'new', c: 'new' }, 'new'],
  [{ a: 'new', b: 'old' }, 'mixed'],
  [{ a: 'new', b: 'half' }, 'neither'],
  [{ a: 'old', b: 'old', d: 'foreign' }, 'neither'],
  [{}, 'neither'],
])('content %o is %s', (found, state) => {
  const old = { a: 'old', b: 'old' }
  const written = { a: 'new', b: 'new', c: 'new' }
  expect(stateOf(found, old, written)).toBe(state)
})

test('two drafts are a leftover where one is expected', () => {
  const expected = new Map([['text', 1]])
  const names = new Map([
    ['text', 2],
    ['draft.#', 3],
  ])
  expect(leftovers(names, expected)).toEqual(['text (1 too many)', 'draft.# (3 too many)'])
})

test('calls of threads that start later are listed apart', () => {
  const output = [
    '10 openat(AT_FDCWD, "/work/text.10", O_RDONLY) = 3',
    '11 openat(AT_FDCWD, "/other", O_RDONLY) = 4',
    '11 openat(AT_FDCWD, "/work/text", O_RDONLY) = 4',
    '12 write(3</work/late>, "x", 1) = 1',
  ].join('\n')
  expect(callsIn(output, '/work', [10, 11])).toEqual({
    calls: [
      { thread: 0, name: 'openat', ordinal: 1, what: '/text.#' },
      { thread: 1, name: 'openat', ordinal: 2, what: '/text' },
    ],
    unreached: ['write/late'],
  })
})

const reason = straceProblem()

test.skipIf(reason !== undefined)('every kind of misbehaving writer is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-faults-test-'))
  const script = fileURLToPath(new URL('./support/misbehaving-writes.ts', import.meta.url))
  const found = new Map<string, WriterFaults>()
  const suite = { writers: misbehaving, script }
  try {
    const conditions = ['@gnnrec/source']
    for await (const each of runFaults({ folder, suite, count: 100, conditions })) {
      found.set(each.writer, each)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  expect(found.get('sound')?.problems).toEqual([])
  const { kills, refusals, old, new: written } = found.get('sound')!.counts
  expect([kills, refusals]).toEqual([found.get('sound')!.calls, found.get('sound')!.calls])
  expect(old + written).toBe(kills + refusals)
  expect(found.get('untyped')?.counts).toHaveProperty('foreign error')
  expect(found.get('in place')?.counts).toHaveProperty('neither')
  expect(found.get('deaf')?.counts).toHaveProperty('ignored')
  expect(found.get('untidy')?.counts).toHaveProperty('leftovers')
})
