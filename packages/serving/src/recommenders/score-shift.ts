import type { ItemChoice } from './cold-start.js'

/**
 * Scales products and adds the bias of the items.
 *
 * @param out - rows of products, one number for each of `items`, or for each item when undefined
 * @param count - number of products
 */
export function scaleAndShift(
  out: Float32Array,
  count: number,
  items: Int32Array | undefined,
  { scale, bias }: { readonly scale: number; readonly bias: Float32Array | undefined },
): void {
  if (scale === 1 && !bias) return
  if (!bias) {
    for (let at = 0; at < count; at++) out[at] = scale * out[at] + 0
    return
  }
  const width = items ? items.length : bias.length
  for (let row = 0; row < count; row += width) {
    for (let place = 0; place < width; place++) {
      out[row + place] = scale * out[row + place] + bias[items ? items[place] : place]
    }
  }
}

/** The numbers that follow from a choice which is kept, and the bias that they hold. */
const keptShifts = new WeakMap<
  ItemChoice,
  { bias: Float32Array | undefined; shift: Float32Array }
>()

/** Returns what is added to scores: the bias of an item, -Infinity for one that is not to be chosen. */
export function shiftOf(
  bias: Float32Array | undefined,
  itemCount: number,
  choice: ItemChoice,
): Float32Array | undefined {
  if (!choice.candidates && choice.excluded.length === 0) return bias
  if (!choice.isKept) return makeShift(bias, itemCount, choice)
  const kept = keptShifts.get(choice)
  if (kept && kept.bias === bias && kept.shift.length === itemCount) return kept.shift
  const shift = makeShift(bias, itemCount, choice)
  keptShifts.set(choice, { bias, shift })
  return shift
}

function makeShift(
  bias: Float32Array | undefined,
  itemCount: number,
  { candidates, excluded }: ItemChoice,
): Float32Array {
  if (!candidates) {
    const shift = bias?.slice() ?? new Float32Array(itemCount)
    for (let e = 0; e < excluded.length; e++) shift[excluded[e]] = Number.NEGATIVE_INFINITY
    return shift
  }
  const shift = new Float32Array(itemCount).fill(Number.NEGATIVE_INFINITY)
  for (let c = 0; c < candidates.length; c++) {
    shift[candidates[c]] = bias ? bias[candidates[c]] : 0
  }
  return shift
}
