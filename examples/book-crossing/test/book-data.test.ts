import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useBackend } from '@gnnrec/ops'
import { expect, it, onTestFinished } from 'vitest'
import { loadRaw } from '../src/book-data.js'
import { trainModels } from '../src/train-models.js'

/** A file in the format of the publisher: Latin-1, semicolons, everything in quotes. */
async function rawFile(lines: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-books-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'BX-Book-Ratings.csv')
  const text = ['"User-ID";"ISBN";"Book-Rating"', ...lines].join('\r\n')
  await writeFile(file, Buffer.from(`${text}\r\n`, 'latin1'))
  return file
}

const line = (user: number, isbn: string, rating: number) => `"${user}";"${isbn}";"${rating}"`

it('takes a rating of 0 for a positive, and drops what is rated lower than asked', async () => {
  const file = await rawFile([
    ...[line(7, '034545104X', 0), line(7, '0155061224', 9), line(7, 'été', 3)],
    ...[line(8, '034545104X', 5), line(8, '0155061224', 0), line(8, '0155061224', 8)],
  ])
  const all = await loadRaw(file, { atLeast: 1, core: 1, seed: 0 })
  expect(all.split.train.items.ids).toEqual(['0155061224', '034545104X', 'été'])
  expect(all.split.train.users.ids).toEqual([7, 8])
  const { split } = await loadRaw(file, { atLeast: 6, core: 1, seed: 0 })
  const parts = [split.train, split.validation, split.test]
  const pairs = parts.flatMap(({ userIndex, itemIndex, users, items }) =>
    Array.from(userIndex, (user, row) => `${users.idOf(user)} ${items.idOf(itemIndex[row])}`),
  )
  // Reader 8 has the second book twice, first without a rating, and rated the first book low.
  expect(pairs.sort()).toEqual(['7 0155061224', '7 034545104X', '8 0155061224'])
})

it('trains on such a file and judges it beside baselines', async () => {
  const lines = Array.from({ length: 30 * 12 }, (_, row) => {
    const user = Math.floor(row / 12)
    return line(user, `isbn ${2 * ((user * 5 + row * 3) % 20) + (user % 2)}`, row % 11)
  })
  const { name, split } = await loadRaw(await rawFile(lines), { atLeast: 1, core: 5, seed: 1 })
  expect(name).toBe('book-crossing, 5-core')
  await useBackend('simd')
  const models = []
  for await (const model of trainModels(split, { epochs: 3, seed: 1 })) models.push(model)
  expect(models.map(({ name }) => name)).toEqual(['popularity', 'item-knn', 'light-gcn'])
  for (const { report } of models) {
    expect(report.metrics['recall@20']).toBeGreaterThan(0)
    expect(report.metrics['recall@20']).toBeLessThanOrEqual(1)
  }
  expect(models[2].bestEpoch).toBe(3)
})
