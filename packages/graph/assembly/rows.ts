// Kernels on whole rows of row-major single-precision matrices.

// out[r] = table[indices[r]]
export function gatherRows(table: usize, indices: usize, out: usize, columns: i32, start: i32, end: i32): void {
  const bytes: usize = (<usize>columns) << 2
  for (let row = start; row < end; row++) {
    const source = table + <usize>load<i32>(indices + ((<usize>row) << 2)) * bytes
    memory.copy(out + <usize>row * bytes, source, bytes)
  }
}

// out[s] = Σ_{k: segments[k] = s} rows[k], in ascending k, for s in start..end-1. Every thread reads
// all of `segments` and writes its own range of `out`: no two threads write one row, and the order of
// additions does not depend on the number of threads. Negative segments are dropped.
export function scatterAddRows(
  rows: usize,
  segments: usize,
  count: i32,
  out: usize,
  columns: i32,
  start: i32,
  end: i32,
): void {
  const bytes: usize = (<usize>columns) << 2
  memory.fill(out + <usize>start * bytes, 0, <usize>(end - start) * bytes)
  for (let k = 0; k < count; k++) {
    const segment = load<i32>(segments + ((<usize>k) << 2))
    if (segment < start || segment >= end) continue
    const source = rows + <usize>k * bytes
    const target = out + <usize>segment * bytes
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16) {
      v128.store(target + column, f32x4.add(v128.load(target + column), v128.load(source + column)))
    }
    for (; column < bytes; column += 4) {
      store<f32>(target + column, load<f32>(target + column) + load<f32>(source + column))
    }
  }
}

// @ts-expect-error: decorator of AssemblyScript
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

// out[r] = Σ_c a[r, c] · b[r, c]
export function rowDot(a: usize, b: usize, out: usize, columns: i32, start: i32, end: i32): void {
  const bytes: usize = (<usize>columns) << 2
  for (let row = start; row < end; row++) {
    const left = a + <usize>row * bytes
    const right = b + <usize>row * bytes
    let lanes = f32x4.splat(0)
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16) {
      lanes = f32x4.add(lanes, f32x4.mul(v128.load(left + column), v128.load(right + column)))
    }
    let sum = sumLanes(lanes)
    for (; column < bytes; column += 4) sum += load<f32>(left + column) * load<f32>(right + column)
    store<f32>(out + ((<usize>row) << 2), sum)
  }
}

// out[r, c] = scales[r] · x[r, c]
export function scaleRows(scales: usize, x: usize, out: usize, columns: i32, start: i32, end: i32): void {
  const bytes: usize = (<usize>columns) << 2
  for (let row = start; row < end; row++) {
    const source = x + <usize>row * bytes
    const target = out + <usize>row * bytes
    const scale = load<f32>(scales + ((<usize>row) << 2))
    const vector = f32x4.splat(scale)
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16) {
      v128.store(target + column, f32x4.mul(vector, v128.load(source + column)))
    }
    for (; column < bytes; column += 4) store<f32>(target + column, scale * load<f32>(source + column))
  }
}

// out[r] = Σ_c x[r, c]
export function rowSum(x: usize, out: usize, columns: i32, start: i32, end: i32): void {
  const bytes: usize = (<usize>columns) << 2
  for (let row = start; row < end; row++) {
    const source = x + <usize>row * bytes
    let lanes = f32x4.splat(0)
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16) lanes = f32x4.add(lanes, v128.load(source + column))
    let sum = sumLanes(lanes)
    for (; column < bytes; column += 4) sum += load<f32>(source + column)
    store<f32>(out + ((<usize>row) << 2), sum)
  }
}
