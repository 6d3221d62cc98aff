import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetEntry } from '@gnnrec/experiments'
import { Rng } from '@gnnrec/graph'

/**
 * Writes interactions of users and items that are in two camps, one every second; the last users come
 * late, so that a cut in time leaves them without a row in train.
 */
export async function writeCsv(folder: string): Promise<DatasetEntry> {
  const rng = Rng.fromSeed(5)
  const lines = ['user,item,rating,time']
  for (let row = 0; row < 1200; row++) {
    const user = row < 900 ? rng.integer(50) : 40 + rng.integer(20)
    const item = 2 * rng.integer(20) + (rng.uniform() < 0.9 ? user % 2 : 1 - (user % 2))
    lines.push(`${user},${item},${1 + rng.integer(5)},${row}`)
  }
  await writeFile(join(folder, 'camps.csv'), `${lines.join('\n')}\n`)
  return {
    dataset: 'camps',
    csv: {
      file: 'camps.csv',
      columns: { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' },
    },
  }
}
