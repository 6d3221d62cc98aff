import type * as BullMq from 'bullmq'
import type * as IoRedis from 'ioredis'
import { RedisError } from '../errors.js'

/** The packages that only trials on Redis need. */
export interface OptionalPackages {
  readonly bullmq: typeof BullMq
  readonly ioredis: typeof IoRedis
}

/** Loads the packages. @throws RedisError when one is not installed */
export async function optionalPackages(): Promise<OptionalPackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, ioredis }
  } catch (cause) {
    throw new RedisError(
      `Trials on Redis need two more packages: npm i bullmq ioredis (${(cause as Error).message}).`,
      { cause },
    )
  }
}
