/** Numbers of an axis: a scale's own way, thousands as k, small ones with an exponent. */
export function axisFormat(values: readonly number[]): string | undefined {
  const largest = Math.max(0, ...values.map(Math.abs))
  if (largest >= 10_000) return '~s'
  return largest > 0 && largest < 0.002 ? '.1~e' : undefined
}

/** Round numbers in a range, at most so many and at least one. */
export function roundTicks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!
  const ticks: number[] = []
  for (let n = Math.ceil(low / step); n * step <= high && ticks.length < most; n++) {
    ticks.push(Number((n * step).toPrecision(12)))
  }
  return ticks.length > 0 ? ticks : [0]
}

/** Powers of ten in a range, with their halves and fifths where these are few. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const steps = last - first <= 2 ? [1, 2, 5] : [1]
  const ticks: number[] = []
  for (let power = first; power <= last; power++) {
    for (const step of steps) {
      const tick = step * 10 ** power
      if (tick >= low && tick <= high) ticks.push(Number(tick.toPrecision(1)))
    }
  }
  return ticks
}
