import type { NeighbourTable } from './neighbour-tables.js'

/**
 * Copies the rows of some items in a table, with items numbered anew.
 *
 * @param columns - number of columns of the table
 * @param placeOf - the new number of an item; undefined for an item that is left out
 */
export function neighbourRows(
  { items, weights }: NeighbourTable,
  rows: Int32Array,
  columns: number,
  placeOf: (item: number) => number | undefined,
): NeighbourTable {
  const own = {
    items: new Int32Array(rows.length * columns),
    weights: new Float32Array(rows.length * columns),
  }
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < columns; column++) {
      const from = rows[row] * columns + column
      const place = weights[from] === 0 ? undefined : placeOf(items[from])
      if (place === undefined) continue
      own.items[row * columns + column] = place
      own.weights[row * columns + column] = weights[from]
    }
  }
  return own
}
