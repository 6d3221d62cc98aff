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

export function fill(value: f32, out: usize, start: i32, end: i32): void {
  const vector = f32x4.splat(value)
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), vector)
  for (; i < end; i++) store<f32>(at(out, i), value)
}
