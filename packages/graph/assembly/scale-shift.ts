// x[r, c] ← scale · x[r, c] + shift[c] for rows start..end-1; without a shift when `shift` is 0. It is computed
// in double precision and rounded once, as JavaScript does with the numbers of a Float32Array. A number 0
// in `shift` is added, too, and makes -0 a 0.
export function scaleShift(
  x: usize,
  columns: i32,
  scale: f64,
  shift: usize,
  start: i32,
  end: i32,
): void {
  const factor = f64x2.splat(scale)
  for (let row = start; row < end; row++) {
    const first = x + (<usize>row * <usize>columns << 2)
    let column = 0
    for (; column + 2 <= columns; column += 2) {
      const at = first + (<usize>column << 2)
      let pair = f64x2.mul(factor, f64x2.promote_low_f32x4(v128.load64_zero(at)))
      const added = shift ? v128.load64_zero(shift + (<usize>column << 2)) : f32x4.splat(0)
      pair = f64x2.add(pair, f64x2.promote_low_f32x4(added))
      v128.store64_lane(at, f32x4.demote_f64x2_zero(pair), 0)
    }
    if (column < columns) {
      const at = first + (<usize>column << 2)
      const added: f64 = shift ? <f64>load<f32>(shift + (<usize>column << 2)) : 0
      store<f32>(at, <f32>(scale * <f64>load<f32>(at) + added))
    }
  }
}
