import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Rng } from '@gnnrec/graph'

/** Numbers of users and items of MovieLens-25M. */
const users = 162_541
const items = 59_047
const firstTime = 789_652_009

const rowsPerWrite = 1 << 14

/**
 * Writes random ratings into a CSV file in the form of MovieLens; returns its path and a function
 * that removes it.
 */
export async function ratingsFile(
  rows: number,
  seed: number,
): Promise<{ file: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-bench-'))
  const file = join(folder, 'ratings.csv')
  const rng = Rng.fromSeed(seed)
  const out = createWriteStream(file)
  out.write('userId,movieId,rating,timestamp\n')
  for (let row = 0; row < rows; row += rowsPerWrite) {
    let text = ''
    for (let place = row; place < Math.min(rows, row + rowsPerWrite); place++) {
      // Rows are sorted by user, as in MovieLens, and a few items have most of the ratings.
      const user = 1 + Math.floor((place / rows) * users)
      const item = 1 + Math.floor(items * rng.uniform() ** 3)
      const rating = (1 + rng.integer(10)) / 2
      text += `${user},${item},${rating.toFixed(1)},${firstTime + rng.integer(784_552_588)}\n`
    }
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
  return { file, remove: () => rm(folder, { recursive: true }) }
}
