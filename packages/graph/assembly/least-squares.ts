// Weighted least squares of many rows against one table Y of single precision, as alternating least squares solves
// them. A row has entries with values r at rows y of the table (columns of the row) and a ridge λ; with w =
// entryWeight · r and b = targetOffset + w it solves
//
//   (G + Σ w y yᵀ + λ I) x = Σ b y      G = gramWeight · YᵀY, in double precision
//
// Normal matrices are made and factored in single precision. What x leaves of the right side is computed in double
// precision, and solved for once more when all coordinates are solved at a time. Columns are padded to a multiple of 8:
// with zeros in Y, with a 1 on the diagonal of G.

import { sumLanes } from './rows'

// Entries whose rows are multiplied at a time: with 256 columns they fill half of the nearest cache.
const ENTRIES: i32 = 16
// Rows of a factor that are finished before the rest is updated by them; at most ENTRIES.
const FINISHED: i32 = 16
// Rows of the table that are read several times while they are in the nearest cache.
const TABLE_ROWS: i32 = 32
// A pivot below this part of the diagonal is mostly rounding.
const LEAST_PIVOT: f32 = 1e-6
// Square of the part of x that solving once more may change at most.
const LARGEST_CHANGE: f32 = 1e-6

// @ts-expect-error: decorator of AssemblyScript
@inline
function lowHalf(v: v128): v128 {
  return f64x2.promote_low_f32x4(v)
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function highHalf(v: v128): v128 {
  return f64x2.promote_low_f32x4(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
}

// gram[i, j] += Σ_k table[k, i] · table[k, j] in double precision, for rows `first..last-1` of the table, j >= i, and
// i in the groups start..end-1 of 8 columns. Some places below the diagonal are written, too.
export function addGram(
  table: usize,
  first: i32,
  last: i32,
  dim: i32,
  gram: usize,
  start: i32,
  end: i32,
): void {
  const rowBytes: usize = (<usize>dim) << 2
  for (let part = first; part < last; part += TABLE_ROWS) {
    const from = table + <usize>part * rowBytes
    const to = table + <usize>min(part + TABLE_ROWS, last) * rowBytes
    for (let i = start << 3; i < end << 3; i += 2) {
      for (let j = i & -4; j < dim; j += 4) addGramTile(from, to, rowBytes, i, j, dim, gram)
    }
  }
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function addGramTile(from: usize, to: usize, rowBytes: usize, i: i32, j: i32, dim: i32, gram: usize): void {
  const g0 = gram + (<usize>(i * dim + j) << 3)
  const g1 = g0 + ((<usize>dim) << 3)
  let c00 = v128.load(g0, 0)
  let c01 = v128.load(g0, 16)
  let c10 = v128.load(g1, 0)
  let c11 = v128.load(g1, 16)
  const left = (<usize>i) << 2
  const right = (<usize>j) << 2
  for (let row = from; row < to; row += rowBytes) {
    const v = v128.load(row + right)
    const low = lowHalf(v)
    const high = highHalf(v)
    const s0 = f64x2.splat(<f64>load<f32>(row + left, 0))
    const s1 = f64x2.splat(<f64>load<f32>(row + left, 4))
    c00 = f64x2.add(c00, f64x2.mul(s0, low))
    c01 = f64x2.add(c01, f64x2.mul(s0, high))
    c10 = f64x2.add(c10, f64x2.mul(s1, low))
    c11 = f64x2.add(c11, f64x2.mul(s1, high))
  }
  v128.store(g0, c00, 0)
  v128.store(g0, c01, 16)
  v128.store(g1, c10, 0)
  v128.store(g1, c11, 16)
}

// Solves the rows start..end-1 into `out`, rows × dim. When `block` is `dim`, all coordinates are solved at a time;
// otherwise, block after block, those of `block` coordinates, the others being what they are in `out`. A row without
// entries is 0; one whose matrix is not positive definite in single precision gets NaN. The scratch memory of a range
// is at start / grain.
export function leastSquares(
  pointers: usize,
  columns: usize,
  values: usize,
  table: usize,
  gram: usize,
  ridges: usize,
  dim: i32,
  entryWeight: f64,
  targetOffset: f64,
  block: i32,
  scratch: usize,
  scratchBytes: i32,
  grain: i32,
  out: usize,
  start: i32,
  end: i32,
): void {
  const rowBytes: usize = (<usize>dim) << 2
  // The scratch memory: a matrix, packed entries, diagonal and change in single, the rest of the right side in double.
  const matrix = scratch + <usize>(start / grain) * <usize>scratchBytes
  const packed = matrix + ((<usize>block * <usize>block) << 2)
  const diagonal = packed + ((<usize>ENTRIES * <usize>block) << 2)
  const change = diagonal + ((<usize>block) << 2)
  const rest = change + ((<usize>block) << 2)
  for (let row = start; row < end; row++) {
    const first = load<i32>(pointers + ((<usize>row) << 2), 0)
    const last = load<i32>(pointers + ((<usize>row) << 2), 4)
    const x = out + <usize>row * rowBytes
    if (first == last || block == dim) memory.fill(x, 0, rowBytes)
    if (first == last) continue
    const ridge = load<f64>(ridges + ((<usize>row) << 3))
    memory.fill(rest, 0, rowBytes << 1)
    for (let entry = first; entry < last; entry++) {
      const y = table + <usize>load<i32>(columns + ((<usize>entry) << 2)) * rowBytes
      const weight = entryWeight * valueAt(values, entry)
      const product = block == dim ? 0 : weight * dotDouble(y, x, dim)
      addDouble(rest, targetOffset + weight - product, y, dim)
    }
    if (block < dim) {
      subtractGram(rest, 0, dim, gram, dim, 0, dim, x)
      subtractRidge(rest, ridge, x, dim)
    }
    for (let from = 0; from < dim; from += block) {
      const width = min(block, dim - from)
      fillMatrix(matrix, width, gram, dim, from, <f32>ridge)
      for (let entry = first; entry < last; entry += ENTRIES) {
        const count = min(ENTRIES, last - entry)
        packEntries(packed, columns, values, table, entry, count, entryWeight, rowBytes, from, width)
        updateUpper(matrix, width, packed, count, 0, 0)
      }
      for (let i = 0; i < width; i++) {
        store<f32>(diagonal + ((<usize>i) << 2), load<f32>(matrix + (<usize>(i * width + i) << 2)))
      }
      if (!factorUpper(matrix, width, diagonal, packed)) {
        fillNaN(x, dim)
        break
      }
      solveUpper(matrix, width, rest + ((<usize>from) << 3), change)
      const part = x + ((<usize>from) << 2)
      addTo(part, change, width)
      const next = block == dim ? 0 : from + width
      if (next == dim) break
      subtractGram(rest, next, dim, gram, dim, from, width, change)
      for (let entry = first; entry < last; entry++) {
        const y = table + <usize>load<i32>(columns + ((<usize>entry) << 2)) * rowBytes
        const weight = entryWeight * valueAt(values, entry)
        const product = weight * dotDouble(y + ((<usize>from) << 2), change, width)
        addDouble(rest + ((<usize>next) << 3), -product, y + ((<usize>next) << 2), dim - next)
      }
      if (block < dim) continue
      subtractRidge(rest, ridge, change, dim)
      solveUpper(matrix, dim, rest, change)
      const isSmall = squares(change, dim) <= LARGEST_CHANGE * squares(x, dim)
      if (isSmall) addTo(x, change, dim)
      else fillNaN(x, dim)
    }
  }
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function valueAt(values: usize, entry: i32): f64 {
  return values ? <f64>load<f32>(values + ((<usize>entry) << 2)) : 1
}

function fillNaN(x: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(x + ((<usize>i) << 2), NaN)
}

function squares(x: usize, count: i32): f32 {
  let lanes = f32x4.splat(0)
  for (let i = 0; i < count; i += 4) {
    const v = v128.load(x + ((<usize>i) << 2))
    lanes = f32x4.add(lanes, f32x4.mul(v, v))
  }
  return sumLanes(lanes)
}

function addTo(x: usize, change: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const place = (<usize>i) << 2
    v128.store(x + place, f32x4.add(v128.load(x + place), v128.load(change + place)))
  }
}

// Σ y[i] · x[i] in double precision
function dotDouble(y: usize, x: usize, count: i32): f64 {
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let i = 0; i < count; i += 4) {
    const a = v128.load(y + ((<usize>i) << 2))
    const b = v128.load(x + ((<usize>i) << 2))
    low = f64x2.add(low, f64x2.mul(lowHalf(a), lowHalf(b)))
    high = f64x2.add(high, f64x2.mul(highHalf(a), highHalf(b)))
  }
  const sum = f64x2.add(low, high)
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

// sums[i] += scale · y[i] in double precision
function addDouble(sums: usize, scale: f64, y: usize, count: i32): void {
  const factor = f64x2.splat(scale)
  for (let i = 0; i < count; i += 4) {
    const v = v128.load(y + ((<usize>i) << 2))
    const target = sums + ((<usize>i) << 3)
    v128.store(target, f64x2.add(v128.load(target, 0), f64x2.mul(factor, lowHalf(v))), 0)
    v128.store(target, f64x2.add(v128.load(target, 16), f64x2.mul(factor, highHalf(v))), 16)
  }
}

// rest[i] -= Σ_j gram[i, from + j] · x[j] for i in first..last-1 and j in 0..width-1
function subtractGram(
  rest: usize,
  first: i32,
  last: i32,
  gram: usize,
  dim: i32,
  from: i32,
  width: i32,
  x: usize,
): void {
  for (let i = first; i < last; i++) {
    const row = gram + ((<usize>i * <usize>dim + <usize>from) << 3)
    let low = f64x2.splat(0)
    let high = f64x2.splat(0)
    for (let j = 0; j < width; j += 4) {
      const v = v128.load(x + ((<usize>j) << 2))
      const g = row + ((<usize>j) << 3)
      low = f64x2.add(low, f64x2.mul(v128.load(g, 0), lowHalf(v)))
      high = f64x2.add(high, f64x2.mul(v128.load(g, 16), highHalf(v)))
    }
    const sum = f64x2.add(low, high)
    const place = rest + ((<usize>i) << 3)
    store<f64>(place, load<f64>(place) - (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)))
  }
}

function subtractRidge(rest: usize, ridge: f64, x: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const place = rest + ((<usize>i) << 3)
    store<f64>(place, load<f64>(place) - ridge * <f64>load<f32>(x + ((<usize>i) << 2)))
  }
}

// Writes the columns from..from+width-1 of the same rows of G + λ I, on and above the diagonal.
function fillMatrix(
  matrix: usize,
  width: i32,
  gram: usize,
  dim: i32,
  from: i32,
  ridge: f32,
): void {
  for (let i = 0; i < width; i++) {
    const source = gram + ((<usize>(from + i) * <usize>dim + <usize>from) << 3)
    const target = matrix + (<usize>(i * width) << 2)
    for (let j = i & -8; j < width; j += 2) {
      const pair = f32x4.demote_f64x2_zero(v128.load(source + ((<usize>j) << 3)))
      v128.store64_lane(target + ((<usize>j) << 2), pair, 0)
    }
    const place = target + ((<usize>i) << 2)
    store<f32>(place, load<f32>(place) + ridge)
  }
}

// Lays out √w · y of some entries in groups of 8 columns: group g has the columns 8 g..8 g + 7 of one entry after
// another.
function packEntries(
  packed: usize,
  columns: usize,
  values: usize,
  table: usize,
  first: i32,
  count: i32,
  entryWeight: f64,
  rowBytes: usize,
  from: i32,
  width: i32,
): void {
  const groupBytes: usize = (<usize>ENTRIES) << 5
  for (let k = 0; k < count; k++) {
    const entry = first + k
    const y = table + <usize>load<i32>(columns + ((<usize>entry) << 2)) * rowBytes + ((<usize>from) << 2)
    const scale = f32x4.splat(<f32>Math.sqrt(entryWeight * valueAt(values, entry)))
    let target = packed + ((<usize>k) << 5)
    for (let c = 0; c < width; c += 8) {
      const source = y + ((<usize>c) << 2)
      v128.store(target, f32x4.mul(scale, v128.load(source, 0)), 0)
      v128.store(target, f32x4.mul(scale, v128.load(source, 16)), 16)
      target += groupBytes
    }
  }
}

// matrix[i, j] ± = Σ_k packed[k, i] · packed[k, j] for i in first..width-1 and j >= i; places below the diagonal within
// the same group of 8 are written, too. `sign` is the sign bit of the sum.
function updateUpper(matrix: usize, width: i32, packed: usize, count: i32, first: i32, sign: i32): void {
  const stride: usize = (<usize>width) << 2
  const groupBytes: usize = (<usize>ENTRIES) << 5
  const used: usize = (<usize>count) << 5
  const mask = i32x4.splat(sign)
  for (let i = first; i < width; i += 4) {
    const left = packed + <usize>(i >> 3) * groupBytes + ((<usize>(i & 4)) << 2)
    for (let j = i & -8; j < width; j += 8) {
      const o0 = matrix + (<usize>(i * width + j) << 2)
      const o1 = o0 + stride
      const o2 = o1 + stride
      const o3 = o2 + stride
      let c00 = v128.xor(mask, v128.load(o0, 0))
      let c01 = v128.xor(mask, v128.load(o0, 16))
      let c10 = v128.xor(mask, v128.load(o1, 0))
      let c11 = v128.xor(mask, v128.load(o1, 16))
      let c20 = v128.xor(mask, v128.load(o2, 0))
      let c21 = v128.xor(mask, v128.load(o2, 16))
      let c30 = v128.xor(mask, v128.load(o3, 0))
      let c31 = v128.xor(mask, v128.load(o3, 16))
      let p = left
      const right = packed + <usize>(j >> 3) * groupBytes
      for (let q = right; q < right + used; q += 32) {
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
        p += 32
      }
      v128.store(o0, v128.xor(mask, c00), 0)
      v128.store(o0, v128.xor(mask, c01), 16)
      v128.store(o1, v128.xor(mask, c10), 0)
      v128.store(o1, v128.xor(mask, c11), 16)
      v128.store(o2, v128.xor(mask, c20), 0)
      v128.store(o2, v128.xor(mask, c21), 16)
      v128.store(o3, v128.xor(mask, c30), 0)
      v128.store(o3, v128.xor(mask, c31), 16)
    }
  }
}

// Overwrites the upper triangle of A by U with A = UᵀU; false when a pivot is lost in rounding.
function factorUpper(matrix: usize, width: i32, diagonal: usize, packed: usize): bool {
  const stride: usize = (<usize>width) << 2
  const groupBytes: usize = (<usize>ENTRIES) << 5
  for (let first = 0; first < width; first += FINISHED) {
    const last = min(first + FINISHED, width)
    for (let i = first; i < last; i++) {
      const row = matrix + <usize>i * stride
      const place: usize = (<usize>i) << 2
      for (let j = i & -4; j < width; j += 4) {
        const column: usize = (<usize>j) << 2
        let sum = v128.load(row + column)
        for (let above = matrix + <usize>first * stride; above < row; above += stride) {
          sum = f32x4.sub(sum, f32x4.mul(v128.load32_splat(above + place), v128.load(above + column)))
        }
        v128.store(row + column, sum)
      }
      const pivot = load<f32>(row + place)
      if (!(pivot > LEAST_PIVOT * load<f32>(diagonal + place))) return false
      const scale = f32x4.splat(<f32>1 / Mathf.sqrt(pivot))
      for (let j = i & -4; j < width; j += 4) {
        const column: usize = (<usize>j) << 2
        v128.store(row + column, f32x4.mul(scale, v128.load(row + column)))
      }
    }
    if (last == width) break
    for (let i = first; i < last; i++) {
      let target = packed + <usize>(last >> 3) * groupBytes + ((<usize>(i - first)) << 5)
      for (let j = last; j < width; j += 8) {
        const source = matrix + <usize>i * stride + ((<usize>j) << 2)
        v128.store(target, v128.load(source, 0), 0)
        v128.store(target, v128.load(source, 16), 16)
        target += groupBytes
      }
    }
    updateUpper(matrix, width, packed, last - first, last, i32.MIN_VALUE)
  }
  return true
}

// x = U⁻¹ U⁻ᵀ right, for a right side in double precision
function solveUpper(matrix: usize, width: i32, right: usize, x: usize): void {
  const stride: usize = (<usize>width) << 2
  for (let i = 0; i < width; i++) {
    store<f32>(x + ((<usize>i) << 2), <f32>load<f64>(right + ((<usize>i) << 3)))
  }
  for (let i = 0; i < width; i++) {
    const row = matrix + <usize>i * stride
    const place: usize = (<usize>i) << 2
    const value = load<f32>(x + place) / load<f32>(row + place)
    store<f32>(x + place, value)
    let column = place + 4
    for (; (column & 15) != 0; column += 4) {
      store<f32>(x + column, load<f32>(x + column) - value * load<f32>(row + column))
    }
    const factor = f32x4.splat(value)
    for (; column < stride; column += 16) {
      v128.store(x + column, f32x4.sub(v128.load(x + column), f32x4.mul(factor, v128.load(row + column))))
    }
  }
  for (let i = width - 1; i >= 0; i--) {
    const row = matrix + <usize>i * stride
    const place: usize = (<usize>i) << 2
    let sum = load<f32>(x + place)
    let column = place + 4
    for (; (column & 15) != 0; column += 4) sum -= load<f32>(x + column) * load<f32>(row + column)
    let lanes = f32x4.splat(0)
    for (; column < stride; column += 16) {
      lanes = f32x4.add(lanes, f32x4.mul(v128.load(x + column), v128.load(row + column)))
    }
    store<f32>(x + place, (sum - sumLanes(lanes)) / load<f32>(row + place))
  }
}
