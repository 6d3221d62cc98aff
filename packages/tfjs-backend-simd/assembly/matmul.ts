// Dense product of A (rows × inner, or its transpose) with B packed into panels of 8 columns.

// Packs B into panels: panel p holds B[0..inner-1, 8p..8p+7] contiguously, zero beyond `columns`.
// `transposed` says that B is stored as columns × inner. Works on panels start..end-1.
export function packPanels(
  b: usize,
  inner: i32,
  columns: i32,
  transposed: i32,
  packed: usize,
  start: i32,
  end: i32,
): void {
  for (let panel = start; panel < end; panel++) {
    const first = panel << 3
    const width = min(8, columns - first)
    const target = packed + (((<usize>panel * <usize>inner) << 3) << 2)
    memory.fill(target, 0, ((<usize>inner) << 3) << 2)
    for (let c = 0; c < width; c++) {
      for (let k = 0; k < inner; k++) {
        const source = transposed
          ? <usize>(first + c) * <usize>inner + <usize>k
          : <usize>k * <usize>columns + <usize>(first + c)
        store<f32>(target + ((((<usize>k) << 3) + <usize>c) << 2), load<f32>(b + (source << 2)))
      }
    }
  }
}

// out[r, :] = A[r, :] · B for rows start..end-1. A[r, k] is at a + r·rowStride + k·innerStride
// (in elements), so that A may be stored transposed. Every element is summed over k in ascending
// order, in single precision, whatever block it falls into.
export function matmulPacked(
  a: usize,
  rowStride: i32,
  innerStride: i32,
  packed: usize,
  inner: i32,
  columns: i32,
  out: usize,
  start: i32,
  end: i32,
): void {
  const rowBytes: usize = (<usize>rowStride) << 2
  const innerBytes: usize = (<usize>innerStride) << 2
  const panels = (columns + 7) >> 3
  const panelBytes: usize = ((<usize>inner) << 3) << 2
  for (let panel = 0; panel < panels; panel++) {
    const b = packed + <usize>panel * panelBytes
    const bEnd = b + panelBytes
    const width = min(8, columns - (panel << 3))
    let row = start
    for (; row + 4 <= end; row += 4) {
      let a0 = a + <usize>row * rowBytes
      let a1 = a0 + rowBytes
      let a2 = a1 + rowBytes
      let a3 = a2 + rowBytes
      let c00 = f32x4.splat(0)
      let c01 = f32x4.splat(0)
      let c10 = f32x4.splat(0)
      let c11 = f32x4.splat(0)
      let c20 = f32x4.splat(0)
      let c21 = f32x4.splat(0)
      let c30 = f32x4.splat(0)
      let c31 = f32x4.splat(0)
      for (let p = b; p < bEnd; p += 32) {
        const b0 = v128.load(p, 0)
        const b1 = v128.load(p, 16)
        const s0 = v128.load32_splat(a0)
        c00 = f32x4.add(c00, f32x4.mul(s0, b0))
        c01 = f32x4.add(c01, f32x4.mul(s0, b1))
        const s1 = v128.load32_splat(a1)
        c10 = f32x4.add(c10, f32x4.mul(s1, b0))
        c11 = f32x4.add(c11, f32x4.mul(s1, b1))
        const s2 = v128.load32_splat(a2)
        c20 = f32x4.add(c20, f32x4.mul(s2, b0))
        c21 = f32x4.add(c21, f32x4.mul(s2, b1))
        const s3 = v128.load32_splat(a3)
        c30 = f32x4.add(c30, f32x4.mul(s3, b0))
        c31 = f32x4.add(c31, f32x4.mul(s3, b1))
        a0 += innerBytes
        a1 += innerBytes
        a2 += innerBytes
        a3 += innerBytes
      }
      const target = out + ((<usize>row * <usize>columns + ((<usize>panel) << 3)) << 2)
      const stride: usize = (<usize>columns) << 2
      storeRow(target, c00, c01, width)
      storeRow(target + stride, c10, c11, width)
      storeRow(target + 2 * stride, c20, c21, width)
      storeRow(target + 3 * stride, c30, c31, width)
    }
    for (; row < end; row++) {
      let source = a + <usize>row * rowBytes
      let c0 = f32x4.splat(0)
      let c1 = f32x4.splat(0)
      for (let p = b; p < bEnd; p += 32) {
        const s = v128.load32_splat(source)
        c0 = f32x4.add(c0, f32x4.mul(s, v128.load(p, 0)))
        c1 = f32x4.add(c1, f32x4.mul(s, v128.load(p, 16)))
        source += innerBytes
      }
      storeRow(out + ((<usize>row * <usize>columns + ((<usize>panel) << 3)) << 2), c0, c1, width)
    }
  }
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function storeRow(target: usize, low: v128, high: v128, width: i32): void {
  if (width == 8) {
    v128.store(target, low, 0)
    v128.store(target, high, 16)
    return
  }
  // A partial panel must not write past the row's end: the next row may be another thread's.
  if (width >= 4) {
    v128.store(target, low)
    storeLanes(target + 16, high, width - 4)
  } else {
    storeLanes(target, low, width)
  }
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function storeLanes(target: usize, lanes: v128, count: i32): void {
  if (count > 0) store<f32>(target, f32x4.extract_lane(lanes, 0), 0)
  if (count > 1) store<f32>(target, f32x4.extract_lane(lanes, 1), 4)
  if (count > 2) store<f32>(target, f32x4.extract_lane(lanes, 2), 8)
}
