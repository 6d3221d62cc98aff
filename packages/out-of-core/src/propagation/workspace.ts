import type { BlockedOperator } from '../operator/blocked-operator.js'
import type { Side } from '../operator/sides.js'
import { bySide, closeTables, createTables, discardTables, type NodeTables } from './node-tables.js'

/** Tables and numbers that a propagation needs while it runs. */
export interface PropagationWorkspace {
  readonly operator: BlockedOperator
  /** Lends tables with arbitrary values; {@link giveBack} returns them. */
  borrow(): NodeTables
  /** Takes lent tables back; their values are dropped. */
  giveBack(tables: NodeTables): void
  /** Address of a float32 one for each row of a block. */
  readonly ones: number
  /** Address of the int32 0, 1, 2... for each row of a block and one more: the row pointers of an identity. */
  readonly iota: number
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
    const iota = allocate(oneCount + 1)
    const counted = runtime.int32(iota, oneCount + 1)
    for (let place = 0; place <= oneCount; place++) counted[place] = place
    const flags = bySide((side) => allocate(operator.to[side].shape.rows))
    const unused: NodeTables[] = []
    let made = 0
    const borrow = () => unused.pop() ?? tables(`spare-${made++}`)
    const giveBack = (given: NodeTables) => {
      discardTables(given)
      unused.push(given)
    }
    return { operator, borrow, giveBack, ones, iota, flags, close }
  } catch (error) {
    close()
    throw error
  }
}
