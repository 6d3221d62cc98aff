// out[i] = scale · (loops[r] · own[r] + Σ_k values[k] · x[columnIndices[k]]) + baseScale · base[r]
// for i in start..end-1, with r = selected[i], or r = i without a selection. The terms with own and base are
// left out when these are 0. Each row is summed in the order of its entries, in single precision, so a row
// has the same bytes in any thread.
//
// Rows of x whose flag is 0 consist of zeros and are skipped: a sum that starts with +0 is never -0, so
// adding ±0 to it would not change a bit.
//
// 16 columns, a cache line of each row of x, are summed at a time: with more sums, V8 keeps one of them
// in memory and waits for it at every entry.
export function spmm(
  rowPointers: usize,
  columnIndices: usize,
  values: usize,
  x: usize,
  out: usize,
  columns: i32,
  scale: f32,
  base: usize,
  baseScale: f32,
  loops: usize,
  own: usize,
  selected: usize,
  flags: usize,
  start: i32,
  end: i32,
): void {
  const stride: usize = (<usize>columns) << 2
  for (let place = start; place < end; place++) {
    const row = selected ? load<i32>(selected + ((<usize>place) << 2)) : place
    const first = columnIndices + ((<usize>load<i32>(rowPointers + ((<usize>row) << 2))) << 2)
    const last = columnIndices + ((<usize>load<i32>(rowPointers + ((<usize>row + 1) << 2))) << 2)
    const toValues = values - columnIndices
    const outRow = out + <usize>place * stride
    const baseRow = base ? base + <usize>row * stride : 0
    const ownRow = own ? own + <usize>row * stride : 0
    const loop: f32 = own ? load<f32>(loops + ((<usize>row) << 2)) : 0
    let column: usize = 0
    while (column + 256 <= stride) {
      const next = column + 256
      line(true, column, x, stride, first, last, toValues, flags, loop, ownRow, scale, baseRow, baseScale, outRow)
      for (column += 64; column < next; column += 64) {
        line(false, column, x, stride, first, last, toValues, flags, loop, ownRow, scale, baseRow, baseScale, outRow)
      }
    }
    for (; column + 64 <= stride; column += 64) {
      line(false, column, x, stride, first, last, toValues, flags, loop, ownRow, scale, baseRow, baseScale, outRow)
    }
    for (; column + 16 <= stride; column += 16) {
      let sum = own ? f32x4.mul(f32x4.splat(loop), v128.load(ownRow + column)) : f32x4.splat(0)
      for (let entry = first; entry < last; entry += 4) {
        const index = <usize>load<i32>(entry)
        if (flags && !load<i32>(flags + (index << 2))) continue
        const source = x + index * stride + column
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(entry + toValues), v128.load(source)))
      }
      sum = f32x4.mul(sum, f32x4.splat(scale))
      if (base) sum = f32x4.add(sum, f32x4.mul(f32x4.splat(baseScale), v128.load(baseRow + column)))
      v128.store(outRow + column, sum)
    }
    for (; column < stride; column += 4) {
      let sum: f32 = own ? loop * load<f32>(ownRow + column) : 0
      for (let entry = first; entry < last; entry += 4) {
        const index = <usize>load<i32>(entry)
        if (flags && !load<i32>(flags + (index << 2))) continue
        sum += load<f32>(entry + toValues) * load<f32>(x + index * stride + column)
      }
      sum *= scale
      if (base) sum += baseScale * load<f32>(baseRow + column)
      store<f32>(outRow + column, sum)
    }
  }
}

// Computes 16 columns of a row. With `isFirst` it also asks for the next three cache lines, which the next
// calls read, so that all four arrive together: a product mostly waits for memory.
// @ts-expect-error: decorator of AssemblyScript
@inline
function line(
  isFirst: bool,
  column: usize,
  x: usize,
  stride: usize,
  first: usize,
  last: usize,
  toValues: usize,
  flags: usize,
  loop: f32,
  own: usize,
  scale: f32,
  base: usize,
  baseScale: f32,
  out: usize,
): void {
  let a0 = f32x4.splat(0)
  let a1 = f32x4.splat(0)
  let a2 = f32x4.splat(0)
  let a3 = f32x4.splat(0)
  if (own) {
    const from = own + column
    const factor = f32x4.splat(loop)
    a0 = f32x4.mul(factor, v128.load(from, 0))
    a1 = f32x4.mul(factor, v128.load(from, 16))
    a2 = f32x4.mul(factor, v128.load(from, 32))
    a3 = f32x4.mul(factor, v128.load(from, 48))
  }
  const xColumn = x + column
  // There are two loops, since looking for flags would cost a product without flags an eighth of its time.
  if (flags) {
    for (let entry = first; entry < last; entry += 4) {
      const index = <usize>load<i32>(entry)
      if (!load<i32>(flags + (index << 2))) continue
      const source = xColumn + index * stride
      const value = v128.load32_splat(entry + toValues)
      a0 = f32x4.add(a0, f32x4.mul(value, v128.load(source, 0)))
      a1 = f32x4.add(a1, f32x4.mul(value, v128.load(source, 16)))
      a2 = f32x4.add(a2, f32x4.mul(value, v128.load(source, 32)))
      a3 = f32x4.add(a3, f32x4.mul(value, v128.load(source, 48)))
    }
  } else {
    for (let entry = first; entry < last; entry += 4) {
      const source = xColumn + <usize>load<i32>(entry) * stride
      if (isFirst) {
        load<i32>(source, 64)
        load<i32>(source, 128)
        load<i32>(source, 192)
      }
      const value = v128.load32_splat(entry + toValues)
      a0 = f32x4.add(a0, f32x4.mul(value, v128.load(source, 0)))
      a1 = f32x4.add(a1, f32x4.mul(value, v128.load(source, 16)))
      a2 = f32x4.add(a2, f32x4.mul(value, v128.load(source, 32)))
      a3 = f32x4.add(a3, f32x4.mul(value, v128.load(source, 48)))
    }
  }
  const vectorScale = f32x4.splat(scale)
  a0 = f32x4.mul(a0, vectorScale)
  a1 = f32x4.mul(a1, vectorScale)
  a2 = f32x4.mul(a2, vectorScale)
  a3 = f32x4.mul(a3, vectorScale)
  if (base) {
    const from = base + column
    const factor = f32x4.splat(baseScale)
    a0 = f32x4.add(a0, f32x4.mul(factor, v128.load(from, 0)))
    a1 = f32x4.add(a1, f32x4.mul(factor, v128.load(from, 16)))
    a2 = f32x4.add(a2, f32x4.mul(factor, v128.load(from, 32)))
    a3 = f32x4.add(a3, f32x4.mul(factor, v128.load(from, 48)))
  }
  const target = out + column
  v128.store(target, a0, 0)
  v128.store(target, a1, 16)
  v128.store(target, a2, 32)
  v128.store(target, a3, 48)
}
