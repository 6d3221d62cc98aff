import { type InteractionLists, ShapeMismatchError } from '@gnnrec/graph'

/** The numbers of users and items. */
interface Counts {
  readonly userCount: number
  readonly itemCount: number
}

/**
 * Checks the lists of items to leave out of some users, which kernels take without a look at them.
 *
 * @param users - indices in 0..userCount-1
 * @throws ShapeMismatchError when there is not one list per user, or a list is not ascending and distinct or holds an
 * item that does not exist
 *
 * @example
 * ```ts
 * import { checkExclude } from '@gnnrec/serving/model-folder'
 *
 * const exclude = { pointers: Int32Array.of(0, 1), items: Int32Array.of(7) }
 * try {
 *   checkExclude(exclude, Int32Array.of(0), { userCount: 1, itemCount: 3 })
 * } catch (error) {
 *   console.log((error as Error).message)
 * }
 * ```
 */
export function checkExclude(
  { pointers, items }: InteractionLists,
  users: Int32Array,
  { userCount, itemCount }: Counts,
): void {
  if (pointers.length !== userCount + 1) {
    throw new ShapeMismatchError(
      `exclude: got ${pointers.length} pointers; expected ${userCount + 1} for ${userCount} users.`,
    )
  }
  for (const user of users) {
    const [start, end] = [pointers[user], pointers[user + 1]]
    if (start < 0 || end < start || end > items.length) {
      throw new ShapeMismatchError(
        `exclude: the list of user index ${user} runs from ${start} to ${end}; expected a range of the ${items.length} items.`,
      )
    }
    let last = -1
    for (let place = start; place < end; place++) {
      const item = items[place]
      if (item <= last || item >= itemCount) {
        throw new ShapeMismatchError(
          `exclude: the list of user index ${user} has item index ${item} after ${last}; expected ascending, distinct ones in 0..${itemCount - 1}.`,
        )
      }
      last = item
    }
  }
}
