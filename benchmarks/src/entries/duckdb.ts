import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDb } from '@gnnrec/data/duckdb'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'

const edgeCount = 20_000_000
const userCount = 500_000
const itemCount = 100_000
const leastPerNode = 10

export const duckdb: BenchmarkEntry = {
  summary:
    '20 million generated edges in DuckDB, 400 MB: reading, distinct, 10-core, split, statistics',
  async *run({ seed, threads = 2 }) {
    const folder = await mkdtemp(join(tmpdir(), 'gnnrec-bench-'))
    const memoryLimit = '400MB'
    const db = await DuckDb.open({ memoryLimit, threads, folder })
    const settings = { edges: edgeCount, users: userCount, items: itemCount, memoryLimit, threads }
    const step = async <T>(name: string, action: () => Promise<T>) => {
      const start = performance.now()
      const result = await action()
      const seconds = (performance.now() - start) / 1000
      const row = { name, dataset: 'generated', settings, seconds, peakRssMb: peakMegabytes() }
      return { result, row }
    }
    try {
      const file = join(folder, 'edges.parquet')
      const generated = await step('generate, to Parquet', () => db.query(edges(file, seed)))
      yield generated.row
      const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' }
      const read = await step('read Parquet', () => db.readParquet(file, { columns }))
      yield read.row
      const distinct = await step('distinct', () => db.dropDuplicates(read.result))
      yield distinct.row
      await db.drop(read.result)
      const minimum = { minPerUser: leastPerNode, minPerItem: leastPerNode }
      const core = await step(`${leastPerNode}-core`, () =>
        db.filterMinInteractions(distinct.result, minimum),
      )
      yield core.row
      const described = await step('statistics', () => db.describeTable(core.result))
      const { interactions, users, items } = described.result
      yield { ...described.row, metrics: { interactions, users, items } }
      const split = await step('temporal split per user', () => db.temporalSplit(core.result))
      yield split.row
      const written = await step('train to Parquet', () =>
        db.writeParquet(split.result.train, join(folder, 'train.parquet')),
      )
      yield written.row
    } finally {
      await db.close()
      await rm(folder, { recursive: true })
    }
  },
}

/**
 * Returns the SQL that writes random edges with a few very popular items, drawn by DuckDB's hash,
 * so that a seed gives the same edges.
 */
function edges(file: string, seed: number): string {
  const uniform = (salt: number): string =>
    `(hash(i * 8 + ${salt}, ${seed}) / 18446744073709551616.0)`
  return `COPY (
    SELECT floor(${userCount} * ${uniform(1)})::INTEGER AS "user",
      floor(${itemCount} * pow(${uniform(2)}, 2))::INTEGER AS item,
      (1 + hash(i * 8 + 3, ${seed}) % 10)::FLOAT / 2 AS rating,
      1e9 + floor(3e8 * ${uniform(4)}) AS time
    FROM range(${edgeCount}) r(i)
  ) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`
}
