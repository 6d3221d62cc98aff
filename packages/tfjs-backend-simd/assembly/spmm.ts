// out[i] = scale · (loops[r] · own[r] + Σ_k values[k] · x[columnIndices[k]]) + baseScale · base[r]
// for i in start..end-1, r = selected[i], or i without a selection; the terms with own and base only
// where these are not 0. Each row is summed in this order, that of its entries, in single precision, so
// a row has the same bytes whichever thread computes it.
//
// Where the rows of x whose flag is 0 consist of zeros, they are skipped: a sum that starts with +0
// never is -0, so adding ±0 to it does not change a bit.
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
  const vectorScale = f32x4.splat(scale)
  const vectorBaseScale = f32x4.splat(baseScale)
  for (let place = start; place < end; place++) {
    const row = selected ? load<i32>(selected + ((<usize>place) << 2)) : place
    const first: usize = (<usize>load<i32>(rowPointers + ((<usize>row) << 2))) << 2
    const last: usize = (<usize>load<i32>(rowPointers + ((<usize>row + 1) << 2))) << 2
    const outRow = out + <usize>place * stride
    const baseRow = base + <usize>row * stride
    const ownRow = own + <usize>row * stride
    const loop: f32 = own ? load<f32>(loops + ((<usize>row) << 2)) : 0
    const vectorLoop = f32x4.splat(loop)
    let column: usize = 0
    while (column + 128 <= stride) {
      let a0 = f32x4.splat(0)
      let a1 = f32x4.splat(0)
      let a2 = f32x4.splat(0)
      let a3 = f32x4.splat(0)
      let a4 = f32x4.splat(0)
      let a5 = f32x4.splat(0)
      let a6 = f32x4.splat(0)
      let a7 = f32x4.splat(0)
      if (own) {
        const from = ownRow + column
        a0 = f32x4.mul(vectorLoop, v128.load(from, 0))
        a1 = f32x4.mul(vectorLoop, v128.load(from, 16))
        a2 = f32x4.mul(vectorLoop, v128.load(from, 32))
        a3 = f32x4.mul(vectorLoop, v128.load(from, 48))
        a4 = f32x4.mul(vectorLoop, v128.load(from, 64))
        a5 = f32x4.mul(vectorLoop, v128.load(from, 80))
        a6 = f32x4.mul(vectorLoop, v128.load(from, 96))
        a7 = f32x4.mul(vectorLoop, v128.load(from, 112))
      }
      const xColumn = x + column
      for (let entry = first; entry < last; entry += 4) {
        const index = <usize>load<i32>(columnIndices + entry)
        if (flags && !load<i32>(flags + (index << 2))) continue
        const value = v128.load32_splat(values + entry)
        const source = xColumn + index * stride
        a0 = f32x4.add(a0, f32x4.mul(value, v128.load(source, 0)))
        a1 = f32x4.add(a1, f32x4.mul(value, v128.load(source, 16)))
        a2 = f32x4.add(a2, f32x4.mul(value, v128.load(source, 32)))
        a3 = f32x4.add(a3, f32x4.mul(value, v128.load(source, 48)))
        a4 = f32x4.add(a4, f32x4.mul(value, v128.load(source, 64)))
        a5 = f32x4.add(a5, f32x4.mul(value, v128.load(source, 80)))
        a6 = f32x4.add(a6, f32x4.mul(value, v128.load(source, 96)))
        a7 = f32x4.add(a7, f32x4.mul(value, v128.load(source, 112)))
      }
      const target = outRow + column
      a0 = f32x4.mul(a0, vectorScale)
      a1 = f32x4.mul(a1, vectorScale)
      a2 = f32x4.mul(a2, vectorScale)
      a3 = f32x4.mul(a3, vectorScale)
      a4 = f32x4.mul(a4, vectorScale)
      a5 = f32x4.mul(a5, vectorScale)
      a6 = f32x4.mul(a6, vectorScale)
      a7 = f32x4.mul(a7, vectorScale)
      if (base) {
        const from = baseRow + column
        a0 = f32x4.add(a0, f32x4.mul(vectorBaseScale, v128.load(from, 0)))
        a1 = f32x4.add(a1, f32x4.mul(vectorBaseScale, v128.load(from, 16)))
        a2 = f32x4.add(a2, f32x4.mul(vectorBaseScale, v128.load(from, 32)))
        a3 = f32x4.add(a3, f32x4.mul(vectorBaseScale, v128.load(from, 48)))
        a4 = f32x4.add(a4, f32x4.mul(vectorBaseScale, v128.load(from, 64)))
        a5 = f32x4.add(a5, f32x4.mul(vectorBaseScale, v128.load(from, 80)))
        a6 = f32x4.add(a6, f32x4.mul(vectorBaseScale, v128.load(from, 96)))
        a7 = f32x4.add(a7, f32x4.mul(vectorBaseScale, v128.load(from, 112)))
      }
      v128.store(target, a0, 0)
      v128.store(target, a1, 16)
      v128.store(target, a2, 32)
      v128.store(target, a3, 48)
      v128.store(target, a4, 64)
      v128.store(target, a5, 80)
      v128.store(target, a6, 96)
      v128.store(target, a7, 112)
      column += 128
    }
    while (column + 16 <= stride) {
      let sum = own ? f32x4.mul(vectorLoop, v128.load(ownRow + column)) : f32x4.splat(0)
      for (let entry = first; entry < last; entry += 4) {
        const index = <usize>load<i32>(columnIndices + entry)
        if (flags && !load<i32>(flags + (index << 2))) continue
        const source = x + index * stride + column
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(values + entry), v128.load(source)))
      }
      sum = f32x4.mul(sum, vectorScale)
      if (base) sum = f32x4.add(sum, f32x4.mul(vectorBaseScale, v128.load(baseRow + column)))
      v128.store(outRow + column, sum)
      column += 16
    }
    while (column < stride) {
      let sum: f32 = own ? loop * load<f32>(ownRow + column) : 0
      for (let entry = first; entry < last; entry += 4) {
        const index = <usize>load<i32>(columnIndices + entry)
        if (flags && !load<i32>(flags + (index << 2))) continue
        const source = x + index * stride + column
        sum += load<f32>(values + entry) * load<f32>(source)
      }
      sum *= scale
      if (base) sum += baseScale * load<f32>(baseRow + column)
      store<f32>(outRow + column, sum)
      column += 4
    }
  }
}
