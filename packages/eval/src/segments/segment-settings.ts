import type { Id } from '@gnnrec/graph'
import * as z from 'zod'

/**
 * A way to group users or items:
 *
 * - `'user-warmth'`: users with training interactions and users without,
 * - `'user-activity'`: users by their number of distinct training items,
 * - `'item-popularity'`: relevant items by their number of training users; a user counts in each
 *   bucket that holds one of their relevant items.
 */
export type SegmentKind = 'user-warmth' | 'user-activity' | 'item-popularity'

/** Settings for buckets of your own. */
interface SegmentSettings {
  /** The way to group. */
  readonly by: Exclude<SegmentKind, 'user-warmth'>
  /** Smallest counts of the second and each later bucket: `[10, 50]` makes 0-9, 10-49 and 50 up. */
  readonly edges: readonly number[]
}

/**
 * A kind of segments, whose buckets are quarters of the users or items, or settings for your own
 * buckets.
 */
export type SegmentOption = SegmentKind | SegmentSettings

/** The metrics of a group of users or items. */
export interface Segment {
  /** Name of the segment: `'warm'`, `'cold'`, `'10-49'` or `'50 up'`. */
  readonly name: string
  /** Smallest count of the bucket. */
  readonly from?: number
  /** Largest count of the bucket; absent for the last one. */
  readonly to?: number
  /**
   * Number of ranked users in the segment; by item popularity, of those with a relevant item in the
   * bucket.
   */
  readonly users: number
  /** Number of items in the bucket; only by item popularity. */
  readonly items?: number
  /**
   * Share of the places of all lists (at the largest K) that hold an item of the bucket; only by item
   * popularity.
   */
  readonly recommendedShare?: number
  /** Share of all relevant items that are in the bucket; only by item popularity. */
  readonly relevantShare?: number
  /**
   * Metrics over the segment alone, without those that are undefined there. By item popularity, only the
   * bucket's items count as relevant, and metrics that do not look at relevant items are left out.
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

/** A zod schema for {@link SegmentOption}. */
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

/** A zod schema for a list of ids. */
export const idList = z.array(z.union([z.string(), z.number()])) satisfies z.ZodType<readonly Id[]>
