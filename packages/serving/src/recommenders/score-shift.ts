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

/** The numbers that follow from a choice which is kept, for each bias that they hold. */
const keptShifts = new WeakMap<ItemChoice, WeakMap<WeakKey, Float32Array>>()
/** The key of the numbers without a bias. */
const noBias = {}

/**
 * Returns what is added to scores: the bias of an item, -Infinity for one that is not to be chosen.
 *
 * @param bias - one number per item, which never change
 */
export function shiftOf(
  bias: Float32Array | undefined,
  itemCount: number,
  choice: ItemChoice,
): Float32Array | undefined {
  if (!choice.candidates && choice.excluded.length === 0) return bias
  if (!choice.isKept) return makeShift(bias, itemCount, choice)
  const kept = keptShifts.get(choice) ?? new WeakMap<WeakKey, Float32Array>()
  keptShifts.set(choice, kept)
  const key = bias ?? noBias
  const shift = kept.get(key) ?? makeShift(bias, itemCount, choice)
  kept.set(key, shift)
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
