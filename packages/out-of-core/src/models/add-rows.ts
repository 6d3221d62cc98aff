import { elementGrain } from '@gnnrec/graph/kernels'
import type { BlockCache } from '../cache/block-cache.js'
import { type BlockTable, placesByBlock } from '../cache/block-table.js'
import { sides } from '../operator/sides.js'
import type { NodeIndices, NodeTables, NodeValues } from '../propagation/node-tables.js'

/**
 * Adds `values` [rows.length, columns] to some rows of a table, and zeros to the others. It is the sum of two
 * tables, so -0 becomes 0 in the other rows.
 *
 * @param rows - indices of distinct rows
 */
export function addRows(
  cache: BlockCache,
  tables: NodeTables,
  rows: NodeIndices,
  values: NodeValues,
): void {
  for (const side of sides) addToTable(cache, tables[side], rows[side], values[side])
}

function addToTable(
  cache: BlockCache,
  table: BlockTable,
  rows: Int32Array,
  values: Float32Array,
): void {
  const { runtime } = cache
  const { columns, blockRows } = table.shape
  const places = placesByBlock(rows, blockRows, table.blockCount)
  for (let block = 0; block < table.blockCount; block++) {
    const { first } = table.rowsOf(block)
    cache.with([[table, block, 'change']], (pointer) => {
      const length = table.bytesOf(block) / 4
      const numbers = runtime.float32(pointer, length)
      const sums = places[block].map((place) => {
        const start = (rows[place] - first) * columns
        const sum = numbers.slice(start, start + columns)
        for (let c = 0; c < columns; c++) sum[c] += values[place * columns + c]
        return { start, sum }
      })
      runtime.run('affine', length, elementGrain, pointer, 1, 0, pointer)
      for (const { start, sum } of sums) numbers.set(sum, start)
    })
  }
}
