import { fromRecords, type Rng, type Split, splitRows } from '@gnnrec/graph'

/**
 * Makes a split of drawn interactions: 60 % of them to train on, 20 % to validate and 20 % to test on.
 *
 * @param drawPair - draws a user and an item
 */
export function drawnSplit(
  count: number,
  rng: Rng,
  drawPair: (rng: Rng) => readonly [user: number, item: number],
): Split<number, number> {
  const pairs = new Map<string, { user: number; item: number }>()
  while (pairs.size < count) {
    const [user, item] = drawPair(rng)
    pairs.set(`${user} ${item}`, { user, item })
  }
  const rows = Array.from({ length: count }, (_, row) => row)
  const part = (from: number, to: number) => rows.filter((row) => row % 10 >= from && row % 10 < to)
  const parts = { train: part(0, 6), validation: part(6, 8), test: part(8, 10) }
  return splitRows(fromRecords([...pairs.values()]), parts, { name: 'made up' })
}
