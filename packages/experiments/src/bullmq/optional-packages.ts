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
    // Each directly in the `try`, or bundlers take a missing package for an error of the build.
    const bullmq = await import('bullmq')
    const ioredis = await import('ioredis')
    return { bullmq: namesOf(bullmq), ioredis: namesOf(ioredis) }
  } catch (cause) {
    throw new RedisError(
      `Trials on Redis need two more packages: npm i bullmq ioredis (${(cause as Error).message}).`,
      { cause },
    )
  }
}

/** Returns the exports of a CommonJS package, which some bundlers give to `import()` as `default` alone. */
function namesOf<Module extends object>(module: Module): Module {
  return (module as { readonly default?: Module }).default ?? module
}
