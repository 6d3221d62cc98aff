import { type InteractionLists, ShapeMismatchError } from '@gnnrec/graph'
import { seenProblem } from '../model-folder/check-parts.js'

/**
 * Checks histories of anybody, and the room for their scores.
 *
 * @throws ShapeMismatchError when `out` is too short or a history is not in the form expected
 */
export function checkHistories(
  histories: InteractionLists,
  itemCount: number,
  out: Float32Array,
): void {
  const count = histories.pointers.length - 1
  const problem = seenProblem(histories, { users: count, items: itemCount })
  if (problem) throw new ShapeMismatchError(`The histories do not fit the items: ${problem}.`)
  if (out.length >= count * itemCount) return
  throw new ShapeMismatchError(
    `out has ${out.length} places; ${count} histories and ${itemCount} items need ${count * itemCount}.`,
  )
}
