import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { type HandlerOptions, handlerShape } from '../handler/handler-options.js'

/** Levels of the log, from the most talkative one. */
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Options of {@link createServer}. */
export interface ServerOptions extends Omit<HandlerOptions, 'onError'> {
  /**
   * The address to listen on. Without keys only those of this machine are allowed.
   *
   * @defaultValue `'127.0.0.1'`
   */
  host?: string
  /**
   * The port to listen on; 0 takes a free one.
   *
   * @defaultValue `8080`
   */
  port?: number
  /**
   * Seconds between two looks for another model in the folder, which then takes the place of the current one; 0 never
   * looks. Models from elsewhere than a folder are not looked for.
   *
   * @defaultValue `2`
   */
  watchSeconds?: number
  /**
   * The origins whose pages may ask, such as `'https://shop.example'`.
   *
   * @defaultValue `[]`
   */
  origins?: readonly string[]
  /**
   * Most requests of one address within a minute.
   *
   * @defaultValue no limit
   */
  requestsPerMinute?: number
  /**
   * The addresses of proxies, whose `x-forwarded-for` is believed.
   *
   * @defaultValue `[]`
   */
  proxies?: readonly string[]
  /**
   * Milliseconds for which the server may be busy with one thing before it refuses further requests by 503.
   *
   * @defaultValue `1000`
   */
  busyMilliseconds?: number
  /**
   * Seconds for which requests may go on once the server closes.
   *
   * @defaultValue `10`
   */
  closeSeconds?: number
  /**
   * The level of the log, which has one line of JSON for each request. It names no ids.
   *
   * @defaultValue `'info'`
   */
  logLevel?: (typeof logLevels)[number]
  /**
   * The stream that the log is written to.
   *
   * @defaultValue standard output
   */
  logStream?: { write(line: string): void }
}

const serverSchema = z.strictObject({
  ...handlerShape,
  host: z.string().min(1).max(255).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8080),
  watchSeconds: z.number().min(0).max(86_400).default(2),
  origins: z
    .array(
      z.string().regex(/^https?:\/\/[^/\s*]+$/, {
        error: "expected an origin such as 'https://shop.example'",
      }),
    )
    .default([]),
  requestsPerMinute: z.int().min(1).max(1e9).optional(),
  proxies: z.array(z.string().min(1)).default([]),
  busyMilliseconds: z.number().min(10).max(600_000).default(1000),
  closeSeconds: z.number().min(0).max(3600).default(10),
  logLevel: z.enum(logLevels).default('info'),
  logStream: z
    .custom<{ write(line: string): void }>(
      (value) => typeof (value as { write?: unknown } | null)?.write === 'function',
      { error: 'expected a stream' },
    )
    .optional(),
})

/** The options with their defaults filled in. */
export type CheckedServerOptions = z.output<typeof serverSchema>

/**
 * Checks options of a server.
 *
 * @throws InvalidOptionsError for a wrong option, and for an address that others reach while there are no keys
 */
export function checkServerOptions(options: ServerOptions): CheckedServerOptions {
  const checked = parseOptions('createServer', serverSchema, options)
  if (checked.keys.length === 0 && !isLoopback(checked.host)) {
    throw new InvalidOptionsError(
      `Without keys the server listens on this machine only; got the host '${checked.host}'. Pass keys, or the host 127.0.0.1.`,
    )
  }
  return checked
}

/** Returns true for a name or an address by which only this machine is reached. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}
