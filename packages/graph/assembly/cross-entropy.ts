import { exp4, naturalLog } from './transcendental'

// Cross-entropy of each row's own column among the columns that do not share its label, for rows
// start..end-1 of scores[n, n]:
//
//     x_j = scores[r, j] + offsets[j],   loss = ln Σ_j exp(x_j) - x_r
//     weights[r, j] = exp(x_j) / Σ exp - [j = r]
//
// `next[j]` is the next column with the label of j, in a ring. The columns of r's ring other than r itself
// do not count and get the weight 0. Without offsets, `offsets` is 0.
export function crossEntropy(
  scores: usize,
  offsets: usize,
  next: usize,
  n: i32,
  losses: usize,
  weights: usize,
  start: i32,
  end: i32,
): void {
  const size: usize = (<usize>n) << 2
  for (let row = start; row < end; row++) {
    const x = scores + <usize>row * size
    const w = weights + <usize>row * size
    let i: usize = 0
    if (offsets == 0) {
      memory.copy(w, x, size)
    } else {
      for (; i + 16 <= size; i += 16) {
        v128.store(w + i, f32x4.add(v128.load(x + i), v128.load(offsets + i)))
      }
      for (; i < size; i += 4) store<f32>(w + i, load<f32>(x + i) + load<f32>(offsets + i))
    }
    const own = w + ((<usize>row) << 2)
    const ownScore = <f64>load<f32>(own)
    let other = load<i32>(next + ((<usize>row) << 2))
    while (other != row) {
      store<f32>(w + ((<usize>other) << 2), -Infinity)
      other = load<i32>(next + ((<usize>other) << 2))
    }

    let most4 = f32x4.splat(-Infinity)
    for (i = 0; i + 16 <= size; i += 16) most4 = f32x4.max(most4, v128.load(w + i))
    for (; i < size; i += 4) most4 = f32x4.max(most4, v128.load32_splat(w + i))
    most4 = f32x4.max(most4, i32x4.shuffle(most4, most4, 2, 3, 0, 1))
    most4 = f32x4.max(most4, i32x4.shuffle(most4, most4, 1, 0, 3, 2))
    const most = f32x4.extract_lane(most4, 0)

    let low = f64x2.splat(0)
    let high = f64x2.splat(0)
    for (i = 0; i + 16 <= size; i += 16) {
      const e = exp4(f32x4.sub(v128.load(w + i), most4))
      v128.store(w + i, e)
      low = f64x2.add(low, f64x2.promote_low_f32x4(e))
      high = f64x2.add(high, f64x2.promote_low_f32x4(i32x4.shuffle(e, e, 2, 3, 0, 1)))
    }
    const sum2 = f64x2.add(low, high)
    let sum = f64x2.extract_lane(sum2, 0) + f64x2.extract_lane(sum2, 1)
    for (; i < size; i += 4) {
      const e = f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(w + i), most4)), 0)
      store<f32>(w + i, e)
      sum += <f64>e
    }

    const inverse = <f32>(1 / sum)
    const inverse4 = f32x4.splat(inverse)
    for (i = 0; i + 16 <= size; i += 16) v128.store(w + i, f32x4.mul(v128.load(w + i), inverse4))
    for (; i < size; i += 4) store<f32>(w + i, load<f32>(w + i) * inverse)
    store<f32>(own, load<f32>(own) - 1)
    store<f32>(losses + ((<usize>row) << 2), <f32>(<f64>most - ownScore + naturalLog(sum)))
  }
}
