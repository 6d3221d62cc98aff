/** Returns the positions of a mark in ascending order. */
export function rowsWith(marks: Uint8Array, mark: number): Int32Array {
  let count = 0
  for (let row = 0; row < marks.length; row++) if (marks[row] === mark) count++
  const rows = new Int32Array(count)
  let next = 0
  for (let row = 0; row < marks.length; row++) if (marks[row] === mark) rows[next++] = row
  return rows
}
