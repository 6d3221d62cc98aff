// One Adam step in place on elements start..end-1 (Kingma & Ba, https://arxiv.org/abs/1412.6980):
//   g = gradientScale · gradient
//   m = beta1 · m + (1 - beta1) · g        v = beta2 · v + (1 - beta2) · g²
//   x = x - stepSize · m / (sqrt(v) · inverseRoot + epsilon)
// with stepSize = learningRate / (1 - beta1^t) and inverseRoot = 1 / sqrt(1 - beta2^t).
export function adam(
  x: usize,
  gradient: usize,
  m: usize,
  v: usize,
  gradientScale: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  stepSize: f32,
  inverseRoot: f32,
  epsilon: f32,
  start: i32,
  end: i32,
): void {
  const scale4 = f32x4.splat(gradientScale)
  const beta1s = f32x4.splat(beta1)
  const oneMinusBeta1s = f32x4.splat(oneMinusBeta1)
  const beta2s = f32x4.splat(beta2)
  const oneMinusBeta2s = f32x4.splat(oneMinusBeta2)
  const stepSizes = f32x4.splat(stepSize)
  const inverseRoots = f32x4.splat(inverseRoot)
  const epsilons = f32x4.splat(epsilon)
  let i: usize = (<usize>start) << 2
  const last: usize = (<usize>end) << 2
  for (; i + 16 <= last; i += 16) {
    const g = f32x4.mul(scale4, v128.load(gradient + i))
    const newM = f32x4.add(f32x4.mul(beta1s, v128.load(m + i)), f32x4.mul(oneMinusBeta1s, g))
    const newV = f32x4.add(
      f32x4.mul(beta2s, v128.load(v + i)),
      f32x4.mul(oneMinusBeta2s, f32x4.mul(g, g)),
    )
    v128.store(m + i, newM)
    v128.store(v + i, newV)
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(newV), inverseRoots), epsilons)
    v128.store(
      x + i,
      f32x4.sub(v128.load(x + i), f32x4.div(f32x4.mul(stepSizes, newM), denominator)),
    )
  }
  for (; i < last; i += 4) {
    const g = gradientScale * load<f32>(gradient + i)
    const newM = beta1 * load<f32>(m + i) + oneMinusBeta1 * g
    const newV = beta2 * load<f32>(v + i) + oneMinusBeta2 * (g * g)
    store<f32>(m + i, newM)
    store<f32>(v + i, newV)
    const denominator = sqrt<f32>(newV) * inverseRoot + epsilon
    store<f32>(x + i, load<f32>(x + i) - (stepSize * newM) / denominator)
  }
}
