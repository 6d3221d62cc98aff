import { type Id, InvalidOptionsError, Rng, type Split } from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import type { ItemStatistics } from '../metrics/item-statistics.js'
import { isRelevant } from '../metrics/relevance.js'
import { type CandidateDistribution, NegativeCandidates } from './sample-negatives.js'

/**
 * Settings that rank the relevant items among a few random ones, as older papers do. The better of two
 * models can change with the number of random items (Krichene and Rendle, KDD 2020,
 * https://doi.org/10.1145/3394486.3403226), so the report carries the flag
 * `'not-comparable-with-full-ranking'`.
 */
interface SampledCandidates {
  /** Number of items drawn per user that are neither relevant nor masked, an integer >= 1. */
  readonly negatives: number
  /** Distribution of the draws. @defaultValue 'uniform' */
  readonly distribution?: CandidateDistribution | undefined
  /** Seed of the draws. @defaultValue 0 */
  readonly seed?: number | string | undefined
}

/**
 * The items to rank: all items, some items for everybody, some items for each user, or a sample. Masked
 * items are left out.
 */
export type CandidateSettings =
  | 'all'
  | readonly Id[]
  | ReadonlyMap<Id, readonly Id[]>
  | SampledCandidates

/** The choice of the candidates in the protocol of a report. */
export interface CandidateStamp {
  /** `'full'` if every item that is not masked was a candidate. */
  readonly ranking: 'full' | 'given' | 'sampled'
  /** Largest number of candidates that a user can have, masked items included. */
  readonly candidates: number
  /** SHA-256 of the given candidates in hexadecimal. */
  readonly candidateHash?: string
  /** Settings of the random candidates. */
  readonly sampling?: {
    readonly negatives: number
    readonly distribution: CandidateDistribution
    readonly seed: number | string
  }
}

/** A source of each user's candidates. */
export interface CandidateSource {
  readonly stamp: CandidateStamp
  /**
   * Returns the candidates of a user, ascending and without masked items, or undefined if all items
   * except the masked ones are candidates.
   *
   * @param masked - ascending, each once
   * @param relevant - ascending, each once
   */
  of(user: number, masked: Int32Array, relevant: Int32Array): Int32Array | undefined
}

/**
 * Makes the source of candidates for settings.
 *
 * @throws UnknownIdError for an id that is not in the split
 */
export function candidateSource(
  settings: CandidateSettings,
  split: Split,
  items: ItemStatistics,
): CandidateSource {
  if (settings === 'all') {
    return { stamp: { ranking: 'full', candidates: items.itemCount }, of: () => undefined }
  }
  if (settings instanceof Map) return givenPerUser(settings, split)
  if (Array.isArray(settings)) return givenForAll(settings, split)
  return sampled(settings as SampledCandidates, items)
}

function givenForAll(ids: readonly Id[], split: Split): CandidateSource {
  const given = indicesOf(ids, split)
  const hash = new Sha256()
  hash.update(JSON.stringify(Array.from(given)))
  return {
    stamp: {
      ranking: 'given',
      candidates: given.length,
      candidateHash: hash.hex(),
    },
    of: (_, masked) => given.filter((item) => !isRelevant(item, masked)),
  }
}

function givenPerUser(lists: ReadonlyMap<Id, readonly Id[]>, split: Split): CandidateSource {
  const { users } = split.train
  const given = new Map<number, Int32Array>()
  for (const [user, ids] of lists) given.set(users.indexOf(user), indicesOf(ids, split))
  const hash = new Sha256()
  let largest = 0
  for (const user of [...given.keys()].sort((a, b) => a - b)) {
    const own = given.get(user)!
    largest = Math.max(largest, own.length)
    hash.update(JSON.stringify([user, Array.from(own)]))
  }
  return {
    stamp: {
      ranking: 'given',
      candidates: largest,
      candidateHash: hash.hex(),
    },
    of: (user, masked) => {
      const own = given.get(user)
      if (own) return own.filter((item) => !isRelevant(item, masked))
      throw new InvalidOptionsError(
        `candidates: the map has no list for the user ${JSON.stringify(users.idOf(user))}; expected one for every ranked user, or select the users to rank by 'users'.`,
      )
    },
  }
}

function sampled(
  { negatives, distribution = 'uniform', seed = 0 }: SampledCandidates,
  items: ItemStatistics,
): CandidateSource {
  const weights =
    distribution === 'popularity' ? items.popularity : new Uint8Array(items.itemCount).fill(1)
  const drawn = new NegativeCandidates(weights, Rng.fromSeed(seed).fork('candidates'))
  return {
    stamp: {
      ranking: 'sampled',
      // At least one item is relevant.
      candidates: Math.min(items.itemCount, negatives + 1),
      sampling: { negatives, distribution, seed },
    },
    of: (user, masked, relevant) => {
      const own = relevant.filter((item) => !isRelevant(item, masked))
      const others = drawn.draw(user, negatives, union(masked, relevant))
      return union(own, others)
    },
  }
}

function indicesOf(ids: readonly Id[], split: Split): Int32Array {
  const { items } = split.train
  return Int32Array.from(new Set(ids.map((id) => items.indexOf(id)))).sort()
}

/** Returns the items of two lists, ascending, each once. */
function union(a: Int32Array, b: Int32Array): Int32Array {
  return Int32Array.from(new Set([...a, ...b])).sort()
}
