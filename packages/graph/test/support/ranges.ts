import fc from 'fast-check'

/** A count and a part start..end-1 of it, which may be empty. */
export function ranges(
  maximum: number,
): fc.Arbitrary<{ count: number; start: number; end: number }> {
  return fc
    .tuple(fc.nat(maximum), fc.nat(maximum), fc.nat(maximum))
    .map(([a, b, c]) => [a, b, c].sort((x, y) => x - y) as [number, number, number])
    .map(([start, end, count]) => ({ start, end, count }))
}

export const seeds = fc.nat(1_000_000)
