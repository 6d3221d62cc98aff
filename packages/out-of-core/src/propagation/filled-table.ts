import type { BlockedOperator } from '../operator/blocked-operator.js'
import type { Side } from '../operator/sides.js'
import type { NodeTables } from './node-tables.js'
import type { FilledRows } from './product.js'

/** Fills a table with zeros except for some rows; this is the gradient of a gather. */
export function fillTable(
  { cache }: BlockedOperator,
  tables: NodeTables,
  side: Side,
  rows: Int32Array,
  values: Float32Array,
  flags: number,
): FilledRows {
  const table = tables[side]
  for (let block = 0; block < table.blockCount; block++) {
    table.withValues(block, 'write', (numbers) => numbers.fill(0))
  }
  table.scatter(rows, values)
  const marks = cache.runtime.int32(flags, table.shape.rows).fill(0)
  const blocks = new Set<number>()
  for (const row of rows) {
    marks[row] = 1
    blocks.add(table.blockOf(row))
  }
  return { flags, blocks }
}
