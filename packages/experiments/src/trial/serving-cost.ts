import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recommender } from '@gnnrec/serving'

/** The cost of answering with a recommender. */
export interface ServingCost {
  /** Bytes of the saved recommender. */
  readonly bytes: number
  /** Median milliseconds of an answer for one user, with 20 items. */
  readonly recommendMs: number
}

/** Number of users whose answers are timed, spread over all users. */
const timedUsers = 25
/** Number of items in a timed answer. */
const listLength = 20

/**
 * Measures how many bytes a recommender takes when it is saved, and how long it takes to answer.
 *
 * @param folder - a folder that does not exist; the recommender is saved there and removed again
 */
export async function measureServing(
  recommender: Recommender,
  folder: string,
): Promise<ServingCost> {
  try {
    await recommender.save(folder)
    return { bytes: await bytesIn(folder), recommendMs: medianAnswer(recommender) }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder)
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

function medianAnswer(recommender: Recommender): number {
  const { userCount, users, itemCount } = recommender
  const count = Math.min(timedUsers, userCount)
  const k = Math.min(listLength, itemCount)
  const timeOf = (place: number) => {
    const user = users.idOf(Math.floor((place * userCount) / count))
    const start = performance.now()
    recommender.recommend(user, { k })
    return performance.now() - start
  }
  // The first answer prepares what later ones use.
  timeOf(0)
  const times = Array.from({ length: count }, (_, place) => timeOf(place)).sort((a, b) => a - b)
  return times[Math.floor(count / 2)]
}
