import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { expect, it, onTestFinished } from 'vitest'
import { loadData } from '../src/gowalla-data.js'
import { parseSize } from '../src/options.js'
import { peakResidentBytes, windowBytes } from '../src/resident-memory.js'
import { trainGowalla } from '../src/train.js'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gnnrec-gowalla-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** Check-ins as SNAP publishes them, the latest first. */
function checkIns(users: number, places: number, perUser: number): string {
  const rng = Rng.fromSeed(3)
  const lines: string[] = []
  for (let user = 0; user < users; user++) {
    for (let n = perUser; n > 0; n--) {
      const day = String(1 + (n % 28)).padStart(2, '0')
      const hour = String(n % 24).padStart(2, '0')
      const place = 100 + ((user % 2) + 2 * rng.integer(places / 2))
      lines.push(`${user}\t2010-10-${day}T${hour}:00:00Z\t30.2\t-97.7\t${place}`)
    }
  }
  return `${lines.join('\n')}\n`
}

it('reads raw check-ins, plain and compressed, and trains on them in blocks to the same metrics', async () => {
  const at = await folder()
  const text = checkIns(60, 40, 40)
  await writeFile(join(at, 'plain.txt'), text)
  await writeFile(join(at, 'packed.txt.gz'), gzipSync(text))
  const { name, split } = await loadData(join(at, 'plain.txt'))
  expect(name).toBe('gowalla check-ins, 10-core')
  expect((await loadData(join(at, 'packed.txt.gz'))).split.hash).toBe(split.hash)
  expect(split.train.users.size).toBe(60)
  await useBackend('simd')
  const options = {
    preset: 'fast',
    epochs: 2,
    seed: 1,
    resume: false,
    folder: join(at, 'run'),
  } as const
  const inMemory = await trainGowalla(split, { ...options, maxMemory: undefined })
  const inBlocks = await trainGowalla(split, { ...options, maxMemory: 8e9 })
  expect(inBlocks.metrics).toEqual(inMemory.metrics)
  expect(inMemory.metrics['recall@20']).toBeGreaterThan(0)
  const failure = trainGowalla(split, { ...options, folder: join(at, 'other'), maxMemory: 1e6 })
  await expect(failure).rejects.toMatchObject({
    code: 'MEMORY_LIMIT',
    message: expect.stringMatching(/the smallest possible limit is \d+MB/),
  })
})

it('reads sizes', () => {
  expect(['400MB', '1.5 GB', '2GiB', '30kb'].map(parseSize)).toEqual([4e8, 1.5e9, 2 ** 31, 3e4])
  expect(['400', 'MB', '-1MB', '0MB', '1TB'].map(parseSize)).toEqual(Array(5).fill(undefined))
})

it('takes what the process has off the limit', () => {
  const peak = peakResidentBytes()
  expect(peak).toBeGreaterThan(20e6)
  expect(windowBytes(10e9)).toBeLessThan(10e9 - 60e6)
  expect(windowBytes(10e9)).toBeGreaterThan(10e9 - 60e6 - 1.2 * peak)
})
