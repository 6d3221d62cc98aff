import { type Id, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { SerializationError } from '../model-folder/errors.js'
import { floatText } from '../writers/encoder.js'
import { checkMetric, type VectorMetric, vectorMetrics } from './metrics.js'
import type { VectorTable } from './vector-table.js'

/** Options of {@link writeToQdrant}. */
export interface QdrantOptions {
  /** Address of the server, such as `'http://localhost:6333'`. */
  url: string | URL
  /** The name to ask for: an alias of the collection. Up to 200 letters, digits, `_`, `-` and `.`. */
  collection: string
  /**
   * Key of the server's API.
   *
   * @defaultValue none
   */
  apiKey?: string
  /**
   * The metric of the collection.
   *
   * @defaultValue `'dot'`
   */
  metric?: VectorMetric
  /**
   * The function that sends requests.
   *
   * @defaultValue the global `fetch`
   */
  fetch?: typeof fetch
  /** Stops the work; the error is then the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Facts about what {@link writeToQdrant} wrote. */
export interface QdrantResult {
  /** Number of points. */
  readonly rows: number
  /** The collection that the alias names now. */
  readonly collection: string
}

const optionsSchema = z.strictObject({
  url: z.union([z.string(), z.instanceof(URL)], { error: 'expected the address of a server' }),
  collection: z
    .string({ error: 'expected a name' })
    .check(z.regex(/^[\w.-]{1,200}$/, 'expected up to 200 letters, digits, _, - and .')),
  apiKey: z.optional(z.string({ error: 'expected text' })),
  metric: z._default(z.enum(vectorMetrics, { error: "expected 'dot', 'cosine' or 'l2'" }), 'dot'),
  fetch: z.optional(
    z.custom<typeof fetch>((value) => typeof value === 'function', {
      error: 'expected a function',
    }),
  ),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

const distances = { dot: 'Dot', cosine: 'Cosine', l2: 'Euclid' } as const
/** Numbers that one request brings: about 2 MB of text. */
const numbersPerRequest = 1 << 18

/**
 * Writes ids and vectors to a server of Qdrant by its REST interface. The id of a row is in the payload of its point as
 * `id`, its bias as `bias`; points are numbered by row, since Qdrant takes no other texts than UUIDs as numbers of points.
 *
 * The name `collection` is an alias. The rows go into a new collection, which the alias then names instead of the old
 * one: who asks finds all of the old rows or all of the new ones. Only one call for a name may run at a time.
 *
 * @throws InvalidOptionsError for a wrong option, a metric that orders the rows otherwise than their scores, or a name
 * that is a collection or an alias which this function has not made
 * @throws SerializationError when the server refuses or is not there; what the name stood for before is unchanged
 *
 * @example
 * ```ts no-run
 * import { VectorTable, writeToQdrant } from '@gnnrec/serving/vectors'
 *
 * const items = new VectorTable({ ids: ['a', 'b'], dim: 2, vectors: Float32Array.of(1, 0, 0.5, 2) })
 * await writeToQdrant(items, { url: 'http://localhost:6333', collection: 'items' })
 * ```
 */
export async function writeToQdrant<RowId extends Id>(
  table: VectorTable<RowId>,
  options: QdrantOptions,
): Promise<QdrantResult> {
  const asked = parseOptions('writeToQdrant', optionsSchema, options)
  const { collection: alias, metric, signal } = asked
  checkMetric(table, metric)
  const send = senderOf(asked)
  const own = [`${alias}_1`, `${alias}_2`]
  const old = await currentOf(send, alias, own)
  const draft = old === own[0] ? own[1] : own[0]
  const path = `/collections/${encodeURIComponent(draft)}`
  try {
    await send('DELETE', path)
    await send('PUT', path, { vectors: { size: table.dim, distance: distances[metric] } })
    const step = Math.max(1, Math.floor(numbersPerRequest / table.dim))
    for (let first = 0; first < table.size; first += step) {
      signal?.throwIfAborted()
      const points = pointsOf(table, first, Math.min(table.size, first + step))
      await send('PUT', `${path}/points?wait=true`, { points })
    }
    const create = { create_alias: { collection_name: draft, alias_name: alias } }
    const actions = old ? [{ delete_alias: { alias_name: alias } }, create] : [create]
    await send('POST', '/collections/aliases', { actions })
  } catch (error) {
    // The caller must see the first error, not one of clearing up.
    await senderOf({ ...asked, signal: undefined })('DELETE', path).catch(() => undefined)
    throw error
  }
  if (old) await send('DELETE', `/collections/${encodeURIComponent(old)}`)
  return { rows: table.size, collection: draft }
}

type Send = (method: string, path: string, body?: unknown) => Promise<unknown>

/** Returns the collection that an alias names, or undefined. @throws InvalidOptionsError when the name is taken */
async function currentOf(
  send: Send,
  alias: string,
  own: readonly string[],
): Promise<string | undefined> {
  const { collections } = answerSchemas.collections.parse(await send('GET', '/collections'))
  const { aliases } = answerSchemas.aliases.parse(await send('GET', '/aliases'))
  const current = aliases.find(({ alias_name }) => alias_name === alias)?.collection_name
  const isTaken = collections.some(({ name }) => name === alias)
  if (!isTaken && (current === undefined || own.includes(current))) return current
  throw new InvalidOptionsError(
    `collection: '${alias}' is ${isTaken ? 'a collection' : `an alias of '${current}'`} that writeToQdrant has not made, so it is kept. Choose another name, or remove it first.`,
  )
}

const answerSchemas = {
  collections: z.object({ collections: z.array(z.object({ name: z.string() })) }),
  aliases: z.object({
    aliases: z.array(z.object({ alias_name: z.string(), collection_name: z.string() })),
  }),
}

function pointsOf(table: VectorTable, first: number, last: number): unknown[] {
  const { ids, bias } = table
  return ids.slice(first, last).map((id, at) => ({
    id: first + at,
    vector: Array.from(table.vectorAt(first + at), floatText),
    payload: { id, ...(bias && { bias: floatText(bias[first + at]) }) },
  }))
}

/** Returns a function that sends a request and returns `result` of the answer. */
function senderOf({
  url,
  apiKey,
  fetch: sendRequest = fetch,
  signal,
}: z.output<typeof optionsSchema>): Send {
  return async (method, path, body) => {
    const failed = (reason: string, cause?: unknown) =>
      new SerializationError(`Qdrant at ${url}: ${method} ${path} failed: ${reason}.`, { cause })
    let response: Response
    try {
      response = await sendRequest(String(url).replace(/\/+$/, '') + path, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(apiKey !== undefined && { 'api-key': apiKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      })
    } catch (cause) {
      signal?.throwIfAborted()
      const { message, cause: reason } = cause as Error
      throw failed(reason instanceof Error ? `${message} (${reason.message})` : message, cause)
    }
    const text = await response.text()
    if (response.status === 404 && method === 'DELETE') return undefined
    if (!response.ok) throw failed(`${response.status} ${text.slice(0, 500)}`)
    try {
      return JSON.parse(text).result
    } catch (cause) {
      throw failed('the answer is not JSON', cause)
    }
  }
}
