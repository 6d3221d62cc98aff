// Element-wise kernels over elements start..end-1. The vector loop and the tail compute the same
// operation on each element, so results do not depend on where a range is cut.

// @ts-expect-error: decorator of AssemblyScript
@inline
function at(pointer: usize, index: i32): usize {
  return pointer + ((<usize>index) << 2)
}

export function add(a: usize, b: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), f32x4.add(v128.load(at(a, i)), v128.load(at(b, i))))
  for (; i < end; i++) store<f32>(at(out, i), load<f32>(at(a, i)) + load<f32>(at(b, i)))
}

export function subtract(a: usize, b: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), f32x4.sub(v128.load(at(a, i)), v128.load(at(b, i))))
  for (; i < end; i++) store<f32>(at(out, i), load<f32>(at(a, i)) - load<f32>(at(b, i)))
}

export function multiply(a: usize, b: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), f32x4.mul(v128.load(at(a, i)), v128.load(at(b, i))))
  for (; i < end; i++) store<f32>(at(out, i), load<f32>(at(a, i)) * load<f32>(at(b, i)))
}

export function divide(a: usize, b: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), f32x4.div(v128.load(at(a, i)), v128.load(at(b, i))))
  for (; i < end; i++) store<f32>(at(out, i), load<f32>(at(a, i)) / load<f32>(at(b, i)))
}

// out = x / divisor
export function divideBy(x: usize, divisor: f32, out: usize, start: i32, end: i32): void {
  const vector = f32x4.splat(divisor)
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), f32x4.div(v128.load(at(x, i)), vector))
  for (; i < end; i++) store<f32>(at(out, i), load<f32>(at(x, i)) / divisor)
}

// out = scale · x + offset
export function affine(x: usize, scale: f32, offset: f32, out: usize, start: i32, end: i32): void {
  const vectorScale = f32x4.splat(scale)
  const vectorOffset = f32x4.splat(offset)
  let i = start
  for (; i + 4 <= end; i += 4) {
    v128.store(at(out, i), f32x4.add(f32x4.mul(v128.load(at(x, i)), vectorScale), vectorOffset))
  }
  for (; i < end; i++) store<f32>(at(out, i), load<f32>(at(x, i)) * scale + offset)
}

export function squareRoot(x: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), f32x4.sqrt(v128.load(at(x, i))))
  for (; i < end; i++) store<f32>(at(out, i), sqrt<f32>(load<f32>(at(x, i))))
}

// out = max(x, 0); NaN stays NaN
export function rectify(x: usize, out: usize, start: i32, end: i32): void {
  const zeros = f32x4.splat(0)
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), f32x4.max(v128.load(at(x, i)), zeros))
  for (; i < end; i++) store<f32>(at(out, i), max<f32>(load<f32>(at(x, i)), 0))
}

// out = 1 for x > 0, otherwise alpha; NaN stays NaN
export function step(x: usize, alpha: f32, out: usize, start: i32, end: i32): void {
  const ones = f32x4.splat(1)
  const zeros = f32x4.splat(0)
  const alphas = f32x4.splat(alpha)
  let i = start
  for (; i + 4 <= end; i += 4) {
    const v = v128.load(at(x, i))
    const stepped = v128.bitselect(ones, alphas, f32x4.gt(v, zeros))
    v128.store(at(out, i), v128.bitselect(stepped, v, f32x4.eq(v, v)))
  }
  for (; i < end; i++) {
    const v = load<f32>(at(x, i))
    store<f32>(at(out, i), v != v ? v : v > 0 ? 1 : alpha)
  }
}

export function fill(value: f32, out: usize, start: i32, end: i32): void {
  const vector = f32x4.splat(value)
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), vector)
  for (; i < end; i++) store<f32>(at(out, i), value)
}
