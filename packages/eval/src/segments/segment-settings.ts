import type { Id } from '@gnnrec/graph'
import * as z from 'zod'

/**
 * How users or items are told apart:
 *
 * - `'user-warmth'`: users with training interactions and users without,
 * - `'user-activity'`: users by their number of distinct training items,
 * - `'item-popularity'`: relevant items by their number of training users; a user counts in each
 *   bucket that holds something relevant to them.
 */
export type SegmentKind = 'user-warmth' | 'user-activity' | 'item-popularity'

/** Buckets of your own. */
export interface SegmentSettings {
  readonly by: Exclude<SegmentKind, 'user-warmth'>
  /** Where a bucket begins, ascending: `[10, 50]` makes 0-9, 10-49 and 50 up. */
  readonly edges: readonly number[]
}

/** A kind, which then has quarters of the users or items as buckets, or buckets of your own. */
export type SegmentOption = SegmentKind | SegmentSettings

/** The metrics of some users, or of some items. */
export interface Segment {
  /** `'warm'`, `'cold'`, `'10-49'` or `'50 up'`. */
  readonly name: string
  /** Smallest count of the bucket. */
  readonly from?: number
  /** Largest count of the bucket; absent for the last one. */
  readonly to?: number
  /** Ranked users in the segment; by item popularity, those with a relevant item in the bucket. */
  readonly users: number
  /** Items in the bucket, by item popularity. */
  readonly items?: number
  /** Share of the places of all lists (at the largest K) that hold an item of the bucket. */
  readonly recommendedShare?: number
  /** Share of all relevant items that are in the bucket. */
  readonly relevantShare?: number
  /**
   * Metrics over the segment alone, without those that are undefined there. By item popularity, only
   * metrics that look at what is relevant, to which only the bucket's items are.
   */
  readonly metrics: Readonly<Record<string, number>>
}

/** Segments by kind. */
export type Segments = Readonly<Partial<Record<SegmentKind, readonly Segment[]>>>

const edges = z
  .array(z.int().positive())
  .min(1)
  .refine((values) => values.every((value, i) => i === 0 || value > values[i - 1]), {
    error: 'expected ascending numbers, each once',
  })

export const segmentOptionSchema = z.union(
  [
    z.enum(['user-warmth', 'user-activity', 'item-popularity']),
    z.strictObject({ by: z.enum(['user-activity', 'item-popularity']), edges }),
  ],
  {
    error:
      "expected 'user-warmth', 'user-activity', 'item-popularity', or { by, edges: ascending integers >= 1 }",
  },
)

/** What ids of the split may be given as. */
export const idList = z.array(z.union([z.string(), z.number()])) satisfies z.ZodType<readonly Id[]>
