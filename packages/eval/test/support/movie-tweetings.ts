import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { fromColumns, rowCount, type Split, splitRows } from '@gnnrec/graph'

const file = new URL(
  '../../../../../shared/data/movietweetings/10core/ratings.csv.gz',
  import.meta.url,
)

export const hasMovieTweetings = existsSync(file)

/** The MovieTweetings 10-core, each user's time-sorted rows cut at ⌊.7 n⌋ and ⌊.8 n⌋. */
export function movieTweetingsSplit(): Split<number, number> {
  const [, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  const rows = lines.map((line) => line.split(',').map(Number))
  const time = rows.map((row) => row[3])
  const table = fromColumns({ user: rows.map((row) => row[0]), item: rows.map((row) => row[1]) })
  const byUser = Array.from({ length: table.users.size }, (): number[] => [])
  for (let row = 0; row < rowCount(table); row++) byUser[table.userIndex[row]].push(row)
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[] }
  for (const own of byUser) {
    own.sort((a, b) => time[a] - time[b])
    const trainEnd = Math.max(1, Math.floor((own.length * 7) / 10))
    const validationEnd = Math.max(trainEnd, Math.floor((own.length * 8) / 10))
    parts.train.push(...own.slice(0, trainEnd))
    parts.validation.push(...own.slice(trainEnd, validationEnd))
    parts.test.push(...own.slice(validationEnd))
  }
  return splitRows(table, parts, { name: 'temporal', settings: { ratios: [0.7, 0.1, 0.2] } })
}
