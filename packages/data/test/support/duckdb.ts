import { existsSync } from 'node:fs'
import { fromRecords, type InteractionTable } from '@gnnrec/graph'
import fc from 'fast-check'
import { afterAll, beforeAll } from 'vitest'
import { DuckDb } from '../../src/duckdb.js'

/** A folder in memory if there is one, because thousands of small tables are slow on a busy disk. */
const memoryFolder = existsSync('/dev/shm') ? { folder: '/dev/shm' } : {}

/** Opens a database for the tests of a file. */
export function useDuckDb(): { readonly db: DuckDb } {
  const held = {} as { db: DuckDb }
  beforeAll(async () => {
    held.db = await DuckDb.open({ memoryLimit: '200MB', ...memoryFolder })
  })
  afterAll(async () => {
    await held.db.close()
  })
  return held
}

/** Generates small tables with duplicates, equal times, ids that are hard for SQL, and weights in some. */
export const awkwardTables = fc
  .array(
    fc.record({
      user: fc.constantFrom(3, 10, 9, -1, 2 ** 40),
      item: fc.constantFrom('a', 'b', '07', '7', 'Zoë', '\u{1F600}', '\uFFFD', "it's", 'A"B'),
      rating: fc.constantFrom(0, 1, 3.3, 5),
      timestamp: fc.constantFrom(1, 2, 2.5, 1e12),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .chain((records) =>
    fc.boolean().map((hasWeight): InteractionTable => {
      // Their sums depend on the order in which they are added.
      const weights = [0.1, 3e8, 7e-9, 1]
      return fromRecords(
        records.map((record, row) =>
          hasWeight ? { ...record, weight: weights[row % weights.length] } : record,
        ),
      )
    }),
  )

/** Returns the result of an operation, or the first words of its error. */
export async function outcome<T>(action: () => T | Promise<T>): Promise<T | string> {
  try {
    return await action()
  } catch (error) {
    return (error as Error).message.split(/[:.]/)[0]
  }
}
