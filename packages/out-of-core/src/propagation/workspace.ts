import type { BlockedOperator } from '../operator/blocked-operator.js'
import type { Side } from '../operator/sides.js'
import { bySide, closeTables, createTables, type NodeTables } from './node-tables.js'

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

export function openWorkspace(operator: BlockedOperator, folder: string): PropagationWorkspace {
  const { runtime } = operator.cache
  const { users, items } = operator.layout.blockRows
  const closers: (() => void)[] = []
  const close = () => {
    for (const each of closers.splice(0)) each()
  }
  const allocate = (count: number) => {
    const pointer = runtime.allocate(4 * count)
    closers.push(() => runtime.free(pointer))
    return pointer
  }
  const tables = (name: string) => {
    const made = createTables(operator, folder, name)
    closers.push(() => closeTables(made))
    return made
  }
  try {
    const oneCount = Math.max(users, items)
    const ones = allocate(oneCount)
    runtime.float32(ones, oneCount).fill(1)
    const flags = bySide((side) => allocate(operator.to[side].shape.rows))
    const spare = [tables('spare-0'), tables('spare-1'), tables('spare-2')] as const
    return { operator, spare, ones, flags, close }
  } catch (error) {
    close()
    throw error
  }
}
