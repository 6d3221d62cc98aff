import { fromRecords } from '@gnnrec/graph'

/** A data set as experiments take it from a module. */
export async function loadDataset() {
  const records = Array.from({ length: 200 }, (_, row) => ({
    user: `user ${row % 20}`,
    item: (row * 7 + Math.floor(row / 20)) % 30,
    timestamp: row,
  }))
  return { interactions: fromRecords(records) }
}
