import { sumLanes } from './rows'
import { spmm } from './spmm'

// One layer of LayerGCN (https://arxiv.org/abs/2207.11088), for rows r in start..end-1:
//   products[r] = Σ_k values[k] · x[columnIndices[k]]
//   refined[r] = a[r] · products[r],   a[r] = cos(products[r], e[r])
//   sum[r] = before[r] + refined[r]
// where the cosine is products · e / max(|products| |e|, floor). When `refined` is 0, it is not written;
// when `before` is 0, it counts as zeros. `before` may be `sum` itself.
export function cosineRefine(
  rowPointers: usize,
  columnIndices: usize,
  values: usize,
  x: usize,
  e: usize,
  products: usize,
  refined: usize,
  before: usize,
  sum: usize,
  columns: i32,
  floor: f32,
  start: i32,
  end: i32,
): void {
  const bytes: usize = (<usize>columns) << 2
  for (let row = start; row < end; row++) {
    spmm(rowPointers, columnIndices, values, x, products, columns, 1, 0, 0, 0, 0, 0, 0, row, row + 1)
    const offset = <usize>row * bytes
    const yRow = products + offset
    const eRow = e + offset
    let yeLanes = f32x4.splat(0)
    let yyLanes = f32x4.splat(0)
    let eeLanes = f32x4.splat(0)
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16) {
      const y4 = v128.load(yRow + column)
      const e4 = v128.load(eRow + column)
      yeLanes = f32x4.add(yeLanes, f32x4.mul(y4, e4))
      yyLanes = f32x4.add(yyLanes, f32x4.mul(y4, y4))
      eeLanes = f32x4.add(eeLanes, f32x4.mul(e4, e4))
    }
    let ye = sumLanes(yeLanes)
    let yy = sumLanes(yyLanes)
    let ee = sumLanes(eeLanes)
    for (; column < bytes; column += 4) {
      const y1 = load<f32>(yRow + column)
      const e1 = load<f32>(eRow + column)
      ye += y1 * e1
      yy += y1 * y1
      ee += e1 * e1
    }
    const a = ye / max<f32>(sqrt<f32>(yy) * sqrt<f32>(ee), floor)
    const a4 = f32x4.splat(a)
    column = 0
    for (; column + 16 <= bytes; column += 16) {
      const at = offset + column
      let out4 = f32x4.mul(a4, v128.load(yRow + column))
      if (refined) v128.store(refined + at, out4)
      if (before) out4 = f32x4.add(v128.load(before + at), out4)
      v128.store(sum + at, out4)
    }
    for (; column < bytes; column += 4) {
      const at = offset + column
      let out1 = a * load<f32>(yRow + column)
      if (refined) store<f32>(refined + at, out1)
      if (before) out1 = load<f32>(before + at) + out1
      store<f32>(sum + at, out1)
    }
  }
}

// The gradient of the layer above with respect to its products y and to e. Its output is read by
// the readout, whose gradient is dSum, and by the next layer, whose products have the gradient x
// (through the adjoint matrix given):
//   d = dSum[r] + Σ_k values[k] · x[columnIndices[k]]
//   dProducts[r] = a · d + s · ∂a/∂y        with s = d · y
//   dE[r] = dE[r] + s · ∂a/∂e
// When n = |y| |e| > floor, ∂a/∂y = e / n - a · y / |y|² and ∂a/∂e = y / n - a · e / |e|²; otherwise they are
// e / floor and y / floor. At the last layer `x` is 0: then d = dSum[r], and dE starts from zeros.
export function cosineRefineGradient(
  rowPointers: usize,
  columnIndices: usize,
  values: usize,
  x: usize,
  dSum: usize,
  e: usize,
  products: usize,
  dProducts: usize,
  dE: usize,
  columns: i32,
  floor: f32,
  start: i32,
  end: i32,
): void {
  const bytes: usize = (<usize>columns) << 2
  for (let row = start; row < end; row++) {
    const offset = <usize>row * bytes
    const outRow = dProducts + offset
    let dRow = dSum + offset
    if (x) {
      spmm(rowPointers, columnIndices, values, x, dProducts, columns, 1, dSum, 1, 0, 0, 0, 0, row, row + 1)
      dRow = outRow
    }
    const yRow = products + offset
    const eRow = e + offset
    const dERow = dE + offset
    let dyLanes = f32x4.splat(0)
    let yeLanes = f32x4.splat(0)
    let yyLanes = f32x4.splat(0)
    let eeLanes = f32x4.splat(0)
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16) {
      const y4 = v128.load(yRow + column)
      const e4 = v128.load(eRow + column)
      dyLanes = f32x4.add(dyLanes, f32x4.mul(v128.load(dRow + column), y4))
      yeLanes = f32x4.add(yeLanes, f32x4.mul(y4, e4))
      yyLanes = f32x4.add(yyLanes, f32x4.mul(y4, y4))
      eeLanes = f32x4.add(eeLanes, f32x4.mul(e4, e4))
    }
    let dy = sumLanes(dyLanes)
    let ye = sumLanes(yeLanes)
    let yy = sumLanes(yyLanes)
    let ee = sumLanes(eeLanes)
    for (; column < bytes; column += 4) {
      const y1 = load<f32>(yRow + column)
      const e1 = load<f32>(eRow + column)
      dy += load<f32>(dRow + column) * y1
      ye += y1 * e1
      yy += y1 * y1
      ee += e1 * e1
    }
    const norms = sqrt<f32>(yy) * sqrt<f32>(ee)
    const a = ye / max<f32>(norms, floor)
    const cross = dy / max<f32>(norms, floor)
    const isFloored = norms <= floor
    const yShare: f32 = isFloored ? 0 : (dy * a) / yy
    const eShare: f32 = isFloored ? 0 : (dy * a) / ee
    const a4 = f32x4.splat(a)
    const cross4 = f32x4.splat(cross)
    const yShare4 = f32x4.splat(yShare)
    const eShare4 = f32x4.splat(eShare)
    column = 0
    for (; column + 16 <= bytes; column += 16) {
      const y4 = v128.load(yRow + column)
      const e4 = v128.load(eRow + column)
      const throughY = f32x4.sub(f32x4.mul(cross4, e4), f32x4.mul(yShare4, y4))
      v128.store(outRow + column, f32x4.add(f32x4.mul(a4, v128.load(dRow + column)), throughY))
      let throughE = f32x4.sub(f32x4.mul(cross4, y4), f32x4.mul(eShare4, e4))
      if (x) throughE = f32x4.add(v128.load(dERow + column), throughE)
      v128.store(dERow + column, throughE)
    }
    for (; column < bytes; column += 4) {
      const y1 = load<f32>(yRow + column)
      const e1 = load<f32>(eRow + column)
      store<f32>(outRow + column, a * load<f32>(dRow + column) + (cross * e1 - yShare * y1))
      let throughE = cross * y1 - eShare * e1
      if (x) throughE = load<f32>(dERow + column) + throughE
      store<f32>(dERow + column, throughE)
    }
  }
}
