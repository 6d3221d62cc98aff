// Rows of the result that are filled together: as many as one cache line of x has numbers.
const STRIP: i32 = 16

// out[r, :] = x[:, r] for rows start..end-1 of the result; x is columns × rows, out rows × columns.
export function transpose(x: usize, rows: i32, columns: i32, out: usize, start: i32, end: i32): void {
  for (let first = start; first < end; first += STRIP) {
    const last = min(first + STRIP, end)
    let column = 0
    for (; column + 4 <= columns; column += 4) {
      let row = first
      for (; row + 4 <= last; row += 4) transposeTile(x, rows, columns, out, row, column)
      for (; row < last; row++) copyDown(x, rows, columns, out, row, column, column + 4)
    }
    for (let row = first; row < last; row++) copyDown(x, rows, columns, out, row, column, columns)
  }
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function transposeTile(x: usize, rows: i32, columns: i32, out: usize, row: i32, column: i32): void {
  const xBytes: usize = (<usize>rows) << 2
  const outBytes: usize = (<usize>columns) << 2
  const source = x + <usize>column * xBytes + ((<usize>row) << 2)
  const target = out + <usize>row * outBytes + ((<usize>column) << 2)
  const a = v128.load(source)
  const b = v128.load(source + xBytes)
  const c = v128.load(source + 2 * xBytes)
  const d = v128.load(source + 3 * xBytes)
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5)
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5)
  const ef = i32x4.shuffle(a, b, 2, 6, 3, 7)
  const gh = i32x4.shuffle(c, d, 2, 6, 3, 7)
  v128.store(target, i64x2.shuffle(ab, cd, 0, 2))
  v128.store(target + outBytes, i64x2.shuffle(ab, cd, 1, 3))
  v128.store(target + 2 * outBytes, i64x2.shuffle(ef, gh, 0, 2))
  v128.store(target + 3 * outBytes, i64x2.shuffle(ef, gh, 1, 3))
}

// out[row, :] = x[:, row] for the columns first..last-1
function copyDown(
  x: usize,
  rows: i32,
  columns: i32,
  out: usize,
  row: i32,
  first: i32,
  last: i32,
): void {
  const target = out + (<usize>row * <usize>columns << 2)
  for (let column = first; column < last; column++) {
    const source = x + ((<usize>column * <usize>rows + <usize>row) << 2)
    store<f32>(target + ((<usize>column) << 2), load<f32>(source))
  }
}
