import type { Batch } from '@gnnrec/graph'
import type { SampledPropagation } from '@gnnrec/models'

/** Returns a function for the further items that the loss of a batch reads, once the model is prepared. */
export function otherItemsOf({
  otherItems,
}: SampledPropagation): ((batch: Batch) => Int32Array) | undefined {
  if (!otherItems) return undefined
  let table: ReturnType<typeof otherItems>
  return ({ positives }) => {
    table ??= otherItems()
    if (!table) return new Int32Array(0)
    const { perItem, items } = table
    const found = new Int32Array(positives.length * perItem)
    let count = 0
    for (const positive of new Set(positives)) {
      for (let at = positive * perItem; at < (positive + 1) * perItem; at++) {
        if (items[at] >= 0) found[count++] = items[at]
      }
    }
    return found.subarray(0, count)
  }
}
