import type { Segment, SegmentOption } from './segment-settings.js'

/** Ranges of a count, one after the other from 0 up. */
export class Buckets {
  /** Where the second and each later bucket begins, ascending. */
  readonly edges: readonly number[]

  constructor(edges: readonly number[]) {
    this.edges = edges
  }

  get length(): number {
    return this.edges.length + 1
  }

  indexOf(count: number): number {
    let bucket = 0
    while (bucket < this.edges.length && this.edges[bucket] <= count) bucket++
    return bucket
  }

  describe(bucket: number): Pick<Segment, 'name' | 'from' | 'to'> {
    const from = bucket === 0 ? 0 : this.edges[bucket - 1]
    if (bucket === this.edges.length) return { name: `${from} up`, from }
    const to = this.edges[bucket] - 1
    return { name: from === to ? String(from) : `${from}-${to}`, from, to }
  }
}

/** The buckets that are asked for, else quarters of the counts; equal counts stay together. */
export function bucketsOf(option: SegmentOption, counts: ArrayLike<number>): Buckets {
  if (typeof option !== 'string') return new Buckets(option.edges)
  const sorted = Float64Array.from(counts).sort()
  const quarters = [1, 2, 3].map((q) => sorted[Math.floor((q * sorted.length) / 4)])
  return new Buckets([...new Set(quarters)].filter((edge) => edge > 0))
}
