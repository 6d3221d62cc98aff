// Dense product of A (rows × inner) with B packed into panels of 8 columns.

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

// Computes the product of one row with as many fours of panels as there are whole ones, and returns their number of
// panels. A row by itself waits for memory, of which four panels ask for more at a time.
function panelsOfOneRow(row: usize, packed: usize, inner: i32, columns: i32, out: usize): i32 {
  const rowEnd = row + ((<usize>inner) << 2)
  const panelBytes: usize = ((<usize>inner) << 3) << 2
  let panel = 0
  for (; (panel + 4) << 3 <= columns; panel += 4) {
    let p0 = packed + <usize>panel * panelBytes
    let p1 = p0 + panelBytes
    let p2 = p1 + panelBytes
    let p3 = p2 + panelBytes
    let c00 = f32x4.splat(0)
    let c01 = f32x4.splat(0)
    let c10 = f32x4.splat(0)
    let c11 = f32x4.splat(0)
    let c20 = f32x4.splat(0)
    let c21 = f32x4.splat(0)
    let c30 = f32x4.splat(0)
    let c31 = f32x4.splat(0)
    for (let source = row; source < rowEnd; source += 4) {
      const s = v128.load32_splat(source)
      c00 = f32x4.add(c00, f32x4.mul(s, v128.load(p0, 0)))
      c01 = f32x4.add(c01, f32x4.mul(s, v128.load(p0, 16)))
      c10 = f32x4.add(c10, f32x4.mul(s, v128.load(p1, 0)))
      c11 = f32x4.add(c11, f32x4.mul(s, v128.load(p1, 16)))
      c20 = f32x4.add(c20, f32x4.mul(s, v128.load(p2, 0)))
      c21 = f32x4.add(c21, f32x4.mul(s, v128.load(p2, 16)))
      c30 = f32x4.add(c30, f32x4.mul(s, v128.load(p3, 0)))
      c31 = f32x4.add(c31, f32x4.mul(s, v128.load(p3, 16)))
      p0 += 32
      p1 += 32
      p2 += 32
      p3 += 32
    }
    const target = out + ((<usize>panel) << 5)
    v128.store(target, c00, 0)
    v128.store(target, c01, 16)
    v128.store(target, c10, 32)
    v128.store(target, c11, 48)
    v128.store(target, c20, 64)
    v128.store(target, c21, 80)
    v128.store(target, c30, 96)
    v128.store(target, c31, 112)
  }
  return panel
}

// out[r, :] = A[r, :] · B for rows start..end-1 of A, which is rows × inner. Every element is summed over
// k in ascending order, in single precision, in any block.
export function matmulPacked(
  a: usize,
  packed: usize,
  inner: i32,
  columns: i32,
  out: usize,
  start: i32,
  end: i32,
): void {
  const rowBytes: usize = (<usize>inner) << 2
  const panels = (columns + 7) >> 3
  const panelBytes: usize = ((<usize>inner) << 3) << 2
  let panel = end - start == 1 ? panelsOfOneRow(a + <usize>start * rowBytes, packed, inner, columns, out + (<usize>start * <usize>columns << 2)) : 0
  for (; panel < panels; panel++) {
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
        a0 += 4
        a1 += 4
        a2 += 4
        a3 += 4
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
        source += 4
      }
      storeRow(out + ((<usize>row * <usize>columns + ((<usize>panel) << 3)) << 2), c0, c1, width)
    }
  }
}

// Rows of a block of the product below; `src/backend/kernels/matmul.ts` of tfjs-backend-simd has the same number.
const INNER_BLOCK: i32 = 2048
// Rows of A and B that are read several times while they are in the nearest cache.
const INNER_PART: i32 = 64

// partials[block] = Σ_k A[k, :]ᵀ · B[k, :] over the rows k of a block, for blocks start..end-1; A is
// inner × rows and B inner × columns. A block is summed in single precision and in a fixed order, with any
// number of threads; the caller adds the blocks in ascending order.
export function blockOuterSum(
  a: usize,
  b: usize,
  inner: i32,
  rows: i32,
  columns: i32,
  partials: usize,
  start: i32,
  end: i32,
): void {
  const size: usize = (<usize>rows * <usize>columns) << 2
  for (let block = start; block < end; block++) {
    const out = partials + <usize>block * size
    memory.fill(out, 0, size)
    const last = min((block + 1) * INNER_BLOCK, inner)
    for (let k = block * INNER_BLOCK; k < last; k += INNER_PART) {
      addOuter(a, b, k, min(k + INNER_PART, last), rows, columns, out)
    }
  }
}

// out += Σ_k A[k, :]ᵀ · B[k, :] for k in first..last-1
function addOuter(
  a: usize,
  b: usize,
  first: i32,
  last: i32,
  rows: i32,
  columns: i32,
  out: usize,
): void {
  const aBytes: usize = (<usize>rows) << 2
  const bBytes: usize = (<usize>columns) << 2
  const aFirst = a + <usize>first * aBytes
  const bFirst = b + <usize>first * bBytes
  const bLast = b + <usize>last * bBytes
  let row: usize = 0
  for (; row + 16 <= aBytes; row += 16) {
    const o0 = out + (row >> 2) * bBytes
    const o1 = o0 + bBytes
    const o2 = o1 + bBytes
    const o3 = o2 + bBytes
    let column: usize = 0
    for (; column + 32 <= bBytes; column += 32) {
      let c00 = v128.load(o0 + column, 0)
      let c01 = v128.load(o0 + column, 16)
      let c10 = v128.load(o1 + column, 0)
      let c11 = v128.load(o1 + column, 16)
      let c20 = v128.load(o2 + column, 0)
      let c21 = v128.load(o2 + column, 16)
      let c30 = v128.load(o3 + column, 0)
      let c31 = v128.load(o3 + column, 16)
      let p = aFirst + row
      for (let q = bFirst + column; q < bLast; q += bBytes) {
        const b0 = v128.load(q, 0)
        const b1 = v128.load(q, 16)
        const s0 = v128.load32_splat(p, 0)
        c00 = f32x4.add(c00, f32x4.mul(s0, b0))
        c01 = f32x4.add(c01, f32x4.mul(s0, b1))
        const s1 = v128.load32_splat(p, 4)
        c10 = f32x4.add(c10, f32x4.mul(s1, b0))
        c11 = f32x4.add(c11, f32x4.mul(s1, b1))
        const s2 = v128.load32_splat(p, 8)
        c20 = f32x4.add(c20, f32x4.mul(s2, b0))
        c21 = f32x4.add(c21, f32x4.mul(s2, b1))
        const s3 = v128.load32_splat(p, 12)
        c30 = f32x4.add(c30, f32x4.mul(s3, b0))
        c31 = f32x4.add(c31, f32x4.mul(s3, b1))
        p += aBytes
      }
      v128.store(o0 + column, c00, 0)
      v128.store(o0 + column, c01, 16)
      v128.store(o1 + column, c10, 0)
      v128.store(o1 + column, c11, 16)
      v128.store(o2 + column, c20, 0)
      v128.store(o2 + column, c21, 16)
      v128.store(o3 + column, c30, 0)
      v128.store(o3 + column, c31, 16)
    }
    for (let r: usize = 0; r < 16; r += 4) {
      addOuterRow(aFirst + row + r, aBytes, bFirst, bLast, bBytes, column, out + ((row + r) >> 2) * bBytes)
    }
  }
  for (; row < aBytes; row += 4) {
    addOuterRow(aFirst + row, aBytes, bFirst, bLast, bBytes, 0, out + (row >> 2) * bBytes)
  }
}

// Computes the rest of a row of the outer products, from the byte `column` on.
function addOuterRow(
  aFirst: usize,
  aBytes: usize,
  bFirst: usize,
  bLast: usize,
  bBytes: usize,
  column: usize,
  out: usize,
): void {
  for (; column + 16 <= bBytes; column += 16) {
    let sum = v128.load(out + column)
    let p = aFirst
    for (let q = bFirst + column; q < bLast; q += bBytes) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(p), v128.load(q)))
      p += aBytes
    }
    v128.store(out + column, sum)
  }
  for (; column < bBytes; column += 4) {
    let sum = load<f32>(out + column)
    let p = aFirst
    for (let q = bFirst + column; q < bLast; q += bBytes) {
      sum += load<f32>(p) * load<f32>(q)
      p += aBytes
    }
    store<f32>(out + column, sum)
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
