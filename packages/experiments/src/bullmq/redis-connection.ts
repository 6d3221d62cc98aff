import type { Redis } from 'ioredis'
import { RedisError } from '../errors.js'
import type { OptionalPackages } from './optional-packages.js'

const CONNECT_TIMEOUT = 5000
const COMMAND_TIMEOUT = 10_000
const LONGEST_RETRY_DELAY = 1000

/** A connection to Redis that was there when it was made, and comes back by itself when it is lost. */
export interface RedisConnection {
  readonly client: Redis
  /** What went wrong last, if anything did since the last answer. */
  lastError(): Error | undefined
  close(): void
}

/**
 * Connects and asks for a sign of life.
 *
 * @param patient - whether commands wait until a lost connection is back; otherwise they fail at once
 * @throws RedisError naming the address, and what Redis or the system says
 */
export async function connect(
  { ioredis }: OptionalPackages,
  url: string,
  { patient }: { readonly patient: boolean },
): Promise<RedisConnection> {
  let isOpen = false
  let lastError: Error | undefined
  const client = new ioredis.Redis(url, {
    ...{ lazyConnect: true, connectTimeout: CONNECT_TIMEOUT },
    enableOfflineQueue: patient,
    ...(patient
      ? // Workers of BullMQ ask for this.
        { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT }),
    retryStrategy: (times) => (isOpen ? Math.min(100 * times, LONGEST_RETRY_DELAY) : null),
  })
  client.on('error', (error: Error) => {
    lastError = error
  })
  client.on('ready', () => {
    lastError = undefined
  })
  try {
    await client.connect()
    await client.ping()
    isOpen = true
    return { client, lastError: () => lastError, close: () => client.disconnect() }
  } catch (error) {
    client.disconnect()
    const cause = lastError ?? (error as Error)
    throw new RedisError(
      `Cannot use Redis at ${withoutPassword(url)}: ${reasonOf(cause)}. Start it (redis-server), or give the address and password of one that runs (redis://:PASSWORD@HOST:PORT).`,
      { cause },
    )
  }
}

/** What an error says, also one that joins several. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(reasonOf).join('; ')
  }
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}

/** An address that may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@')
}
