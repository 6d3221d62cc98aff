import type { Segment, SegmentOption } from './segment-settings.js'

/** Ranges of a count, one after the other, that start at 0. */
export class Buckets {
  /** Smallest counts of the second and each later bucket, ascending. */
  readonly edges: readonly number[]

  constructor(edges: readonly number[]) {
    this.edges = edges
  }

  /** Number of buckets. */
  get length(): number {
    return this.edges.length + 1
  }

  /** Returns the bucket of a count. */
  indexOf(count: number): number {
    let bucket = 0
    while (bucket < this.edges.length && this.edges[bucket] <= count) bucket++
    return bucket
  }

  /** Returns the name and the range of a bucket. */
  describe(bucket: number): Pick<Segment, 'name' | 'from' | 'to'> {
    const from = bucket === 0 ? 0 : this.edges[bucket - 1]
    if (bucket === this.edges.length) return { name: `${from} up`, from }
    const to = this.edges[bucket] - 1
    return { name: from === to ? String(from) : `${from}-${to}`, from, to }
  }
}

/**
 * Returns the buckets of an option. Without edges, they are quarters of the counts in which equal
 * counts stay together.
 */
export function bucketsOf(option: SegmentOption, counts: ArrayLike<number>): Buckets {
  if (typeof option !== 'string') return new Buckets(option.edges)
  const sorted = Float64Array.from(counts).sort()
  const quarters = [1, 2, 3].map((q) => sorted[Math.floor((q * sorted.length) / 4)])
  return new Buckets([...new Set(quarters)].filter((edge) => edge > 0))
}
