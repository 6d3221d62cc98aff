import { join } from 'node:path'
import { TimeSlice } from '@gnnrec/graph'
import type { BlockCache } from '../cache/block-cache.js'
import { BlockTable } from '../cache/block-table.js'
import { scoredRows } from './scored-rows.js'

/** Number of items of a panel. */
export const panelColumns = 8

/**
 * Copies items into blocks of a new file in the layout of the kernels for dot products: panels of
 * {@link panelColumns}, padded to whole panels.
 *
 * @param folder - folder of the new file
 */
export async function packItems(
  cache: BlockCache,
  items: BlockTable,
  folder: string,
  cosine: boolean,
): Promise<BlockTable> {
  const { rows, columns, blockRows } = items.shape
  const whole = (count: number) => Math.ceil(count / panelColumns) * panelColumns
  const shape = {
    rows: whole(rows),
    columns,
    blockRows: blockRows === rows ? whole(rows) : Math.max(8, whole(blockRows - 7)),
  }
  const panels = BlockTable.create(cache, join(folder, 'panels.table'), shape, 'panels')
  try {
    await fillPanels(cache, panels, items, cosine)
    return panels
  } catch (error) {
    panels.close()
    throw error
  }
}

async function fillPanels(
  cache: BlockCache,
  panels: BlockTable,
  items: BlockTable,
  cosine: boolean,
): Promise<void> {
  const { rows, columns } = items.shape
  const slice = new TimeSlice()
  for (let block = 0; block < panels.blockCount; block++) {
    const { first, count } = panels.rowsOf(block)
    const own = Int32Array.from({ length: Math.min(count, rows - first) }, (_, at) => first + at)
    const values = scoredRows(items, own, cosine)
    const scratch = cache.scratch(values.byteLength)
    try {
      cache.runtime.float32(scratch.pointer, values.length).set(values)
      cache.with([[panels, block, 'write']], (pointer) => {
        const given = [scratch.pointer, columns, own.length, 1, pointer] as const
        cache.runtime.run('packPanels', count / panelColumns, 256, ...given)
      })
    } finally {
      scratch.free()
    }
    if (slice.isOver()) await slice.next()
  }
}
