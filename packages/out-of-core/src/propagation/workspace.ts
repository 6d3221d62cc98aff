import type { FileSystem } from '../files/block-file.js'
import type { BlockedOperator } from '../operator/blocked-operator.js'
import { type Side, sides } from '../operator/sides.js'
import { bySide, createTables, type NodeTables } from './node-tables.js'

/** Tables and numbers that a propagation needs while it runs. */
export interface PropagationWorkspace {
  readonly operator: BlockedOperator
  /** Tables of nobody, to be written and discarded. */
  readonly spare: readonly [NodeTables, NodeTables, NodeTables]
  /** Address of a float32 one for each row of a block. */
  readonly ones: number
  /** Address of an int32 for each node of a side. */
  readonly flags: Readonly<Record<Side, number>>
  close(): void
}

/** Bytes of a workspace in memory besides blocks. */
export function workspaceBytes(
  counts: Readonly<Record<Side, number>>,
  blockRows: Readonly<Record<Side, number>>,
): number {
  return 4 * (Math.max(blockRows.users, blockRows.items) + counts.users + counts.items)
}

export function openWorkspace(
  operator: BlockedOperator,
  folder: string,
  system?: FileSystem,
): PropagationWorkspace {
  const { runtime } = operator.cache
  const { users, items } = operator.layout.blockRows
  const oneCount = Math.max(users, items)
  const ones = runtime.allocate(4 * oneCount)
  runtime.float32(ones, oneCount).fill(1)
  const flags = bySide((side) => runtime.allocate(4 * operator.to[side].shape.rows))
  const spare = [
    createTables(operator, folder, 'spare-0', system),
    createTables(operator, folder, 'spare-1', system),
    createTables(operator, folder, 'spare-2', system),
  ] as const
  const close = () => {
    for (const tables of spare) for (const side of sides) tables[side].close()
    for (const pointer of [ones, flags.users, flags.items]) runtime.free(pointer)
  }
  return { operator, spare, ones, flags, close }
}
