import type { Redis } from 'ioredis'
import { RedisError } from '../errors.js'
import type { OptionalPackages } from './optional-packages.js'

const connectTimeout = 5000
const commandTimeout = 10_000
const longestRetryDelay = 1000

/** A connection to Redis that is restored by itself when it is lost. */
export interface RedisConnection {
  readonly client: Redis
  /** Returns the last error since the last answer, if there was one. */
  lastError(): Error | undefined
  close(): void
}

/**
 * Connects to Redis and asks for a sign of life.
 *
 * @param patient - true to let commands wait until a lost connection is back; else they fail at once
 * @throws RedisError naming the address and the reason
 */
export async function connect(
  { ioredis }: OptionalPackages,
  url: string,
  { patient }: { readonly patient: boolean },
): Promise<RedisConnection> {
  let isOpen = false
  let lastError: Error | undefined
  const client = new ioredis.Redis(url, {
    lazyConnect: true,
    connectTimeout,
    enableOfflineQueue: patient,
    ...(patient
      ? // BullMQ requires this of the connection of a worker.
        { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 0, commandTimeout }),
    retryStrategy: (times) => (isOpen ? Math.min(100 * times, longestRetryDelay) : null),
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
      `Cannot use Redis at ${withoutPassword(url)}: ${reasonOf(cause)}. Start it (redis-server), or give the address and password of a running one (redis://:PASSWORD@HOST:PORT).`,
      { cause },
    )
  }
}

/** Returns the message of an error, also of one that joins several. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(reasonOf).join('; ')
  }
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}

/** Hides the password in an address. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@')
}
