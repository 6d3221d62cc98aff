import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { ModelSlot } from '../models/model-slot.js'
import type { ServedModel } from '../models/served-model.js'
import { ApiError, toldError } from './api-error.js'
import { KeyRing } from './api-keys.js'
import { type Endpoint, type EndpointContext, type Metrics, TextAnswer } from './endpoint.js'
import { listEndpoints } from './endpoints/lists.js'
import { modelEndpoints } from './endpoints/models.js'
import { operationEndpoints } from './endpoints/operations.js'
import { reasonEndpoints } from './endpoints/reasons.js'
import type { CheckedHandlerOptions } from './handler-options.js'
import type { CheckedLimits } from './limits.js'
import { openApiDocument } from './open-api.js'
import { parseBody } from './parse-body.js'
import { Router } from './router.js'
import { requestSchemas } from './schemas.js'

/** A request, whatever server it came through. */
export interface Call {
  readonly method: string
  /** The path as it was sent, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly requestId: string
  /** Returns a header by its name in small letters. */
  header(name: string): string | undefined
  /** Reads the body. @throws ApiError when it is too large or too slow */
  body(): Promise<Uint8Array>
}

/** An answer, whatever server it goes through. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The path of the endpoint, with names for ids, or `'none'`. */
  readonly route: string
}

/** Answers requests. */
export class Service {
  readonly limits: CheckedLimits
  readonly slot: ModelSlot
  readonly #router: Router
  readonly #keys: KeyRing
  readonly #metrics: Metrics | undefined
  readonly #onError: (error: unknown, requestId: string) => void
  readonly #context: EndpointContext

  constructor({ model, keys, limits, metrics, onError }: CheckedHandlerOptions) {
    this.limits = limits
    this.slot = new ModelSlot(model)
    this.#keys = new KeyRing(keys)
    this.#metrics = metrics
    this.#onError = onError
    const schemas = requestSchemas(limits)
    const endpoints: readonly Endpoint[] = [
      ...listEndpoints(schemas),
      ...reasonEndpoints(schemas),
      ...modelEndpoints(),
      ...operationEndpoints(),
    ]
    this.#router = new Router(endpoints, limits.idLength)
    let document: object | undefined
    this.#context = {
      slot: this.slot,
      metrics,
      openApi: () => {
        document ??= openApiDocument(endpoints)
        return document
      },
      model: () => this.#model(),
    }
  }

  /** Answers a request; what goes wrong is an answer, too. */
  async answer(call: Call): Promise<Answer> {
    const start = performance.now()
    let route = 'none'
    let answer: Omit<Answer, 'route'>
    try {
      const { endpoint, path } = this.#router.find(call.method, call.path)
      route = endpoint.path
      if (endpoint.role) this.#keys.check(endpoint.role, call.header)
      const query = parseOptions('the query', ...queryOf(endpoint, call.query))
      const body = endpoint.body && (await this.#body(endpoint, endpoint.body, call))
      const value = await endpoint.run({ path, query, body } as never, this.#context)
      answer = okay(value, call.requestId)
    } catch (error) {
      answer = this.refusal(error, call.requestId)
    }
    const seconds = (performance.now() - start) / 1000
    this.#metrics?.observe({ route, method: call.method, status: answer.status, seconds })
    return {
      status: answer.status,
      headers: answer.headers,
      body: call.method === 'HEAD' ? '' : answer.body,
      route,
    }
  }

  /** Makes the answer of an error, and passes faults of the server on to those who run it. */
  refusal(error: unknown, requestId: string): Omit<Answer, 'route'> {
    const { status, code, message, headers } = toldError(error)
    if (status >= 500) this.#onError(error, requestId)
    return {
      status,
      headers: { ...commonHeaders(jsonType, requestId), ...headers },
      body: JSON.stringify({ error: { code, message, requestId } }),
    }
  }

  async #body(endpoint: Endpoint, schema: z.ZodObject, call: Call): Promise<object> {
    const bytes = await call.body()
    const value = parseBody(bytes, call.header('content-type'), this.limits)
    return parseOptions(`${endpoint.method} ${endpoint.path}`, schema, value)
  }

  async #model(): Promise<ServedModel> {
    try {
      return await this.slot.ready()
    } catch (cause) {
      throw new ApiError('NOT_READY', 'No model could be loaded yet.', { cause })
    }
  }
}

const jsonType = 'application/json; charset=utf-8'

function okay(value: unknown, requestId: string): Omit<Answer, 'route'> {
  const isText = value instanceof TextAnswer
  return {
    status: 200,
    headers: commonHeaders(isText ? value.contentType : jsonType, requestId),
    body: isText ? value.text : JSON.stringify(value),
  }
}

function commonHeaders(contentType: string, requestId: string): Record<string, string> {
  return {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  }
}

const emptyQuery = z.strictObject({})

/** Returns the schema of a query and its values: numbers where digits are, several values as an array. */
function queryOf(
  { query }: Endpoint,
  search: URLSearchParams,
): [z.ZodObject, Record<string, unknown>] {
  const values: Record<string, unknown> = Object.create(null)
  for (const name of new Set(search.keys())) {
    const [first, ...more] = search.getAll(name)
    const value = name === 'k' && /^\d{1,15}$/.test(first) ? Number(first) : first
    values[name] = more.length > 0 ? [first, ...more] : value
  }
  return [query ?? emptyQuery, values]
}
