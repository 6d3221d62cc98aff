import { opposite, sides } from '../operator/sides.js'
import type { NodeTables } from './node-tables.js'
import { multiply } from './product.js'
import type { PropagationWorkspace } from './workspace.js'

/** Computes out = scale · Â x of both sides. */
export async function propagateOnce(
  { operator, ones }: PropagationWorkspace,
  x: NodeTables,
  out: NodeTables,
  scale: number,
  signal?: AbortSignal,
): Promise<void> {
  for (const side of sides) {
    const options = { scale, ones, signal }
    await multiply(operator.cache, operator.to[side], x[opposite[side]], out[side], options)
  }
}
