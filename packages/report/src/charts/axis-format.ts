/** Pixels that a label needs with the space beside it. */
const labelWidth = 46

/**
 * Returns the format of an axis: thousands as k, small numbers with an exponent, else the format of
 * Vega.
 */
export function axisFormat(values: readonly number[]): string | undefined {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest >= 10_000) return '~s'
  return largest > 0 && largest < 0.002 ? '.1~e' : undefined
}

/** Returns round numbers in a range, as close to each other as labels allow. */
export function roundTicks(low: number, high: number, width: number): number[] {
  const range = high - low
  const enough = (step: number) => (step / range) * width >= labelWidth
  const power = 10 ** Math.floor(Math.log10(range) - 2)
  const steps = [1, 10, 100, 1000].flatMap((ten) => [1, 2, 5].map((n) => n * ten * power))
  const step = steps.find(enough) ?? range
  const ticks: number[] = []
  for (let n = Math.ceil(low / step); n * step <= high; n++) {
    ticks.push(Number((n * step).toPrecision(12)))
  }
  return ticks
}

/** Returns the powers of ten in a range, with twice and five times each if these are few. */
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
