import { join } from 'node:path'
import { BlockTable } from '../cache/block-table.js'
import type { BlockedOperator } from '../operator/blocked-operator.js'
import { type Side, sides } from '../operator/sides.js'

/** A table of users and one of items. */
export type NodeTables = Readonly<Record<Side, BlockTable>>

/** Indices of some users and items, distinct and ascending. */
export type NodeIndices = Readonly<Record<Side, Int32Array>>

/** Values of some rows of users and items, row-major. */
export type NodeValues = Readonly<Record<Side, Float32Array>>

/** Makes a value for users and one for items. */
export function bySide<Value>(make: (side: Side) => Value): Record<Side, Value> {
  return { users: make('users'), items: make('items') }
}

/** Makes tables of zeros for the nodes of an operator, in new files of a folder. */
export function createTables(
  { cache, layout, to }: BlockedOperator,
  folder: string,
  name: string,
): NodeTables {
  const make = (side: Side) => {
    const { columns, blockRows } = layout
    const shape = { rows: to[side].shape.rows, columns, blockRows: blockRows[side] }
    return BlockTable.create(cache, join(folder, `${name}-${side}.table`), shape, name)
  }
  const users = make('users')
  try {
    return { users, items: make('items') }
  } catch (error) {
    users.close()
    throw error
  }
}

/** Closes tables and their files. */
export function closeTables(tables: NodeTables): void {
  for (const side of sides) tables[side].close()
}

/** Drops the blocks in memory of tables whose values are not needed any more. */
export function discardTables(tables: NodeTables): void {
  for (const side of sides) tables[side].discard()
}
