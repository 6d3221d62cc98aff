import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import fastify, { type FastifyError, type FastifyInstance, LogController } from 'fastify'
import { ApiError, toldError } from '../handler/api-error.js'
import { requestIdOf } from '../handler/request-id.js'
import type { Service } from '../handler/service.js'
import { addService, apiErrorOf, routeOf, serviceOf } from './plugin.js'
import {
  type CheckedServerOptions,
  checkServerOptions,
  isLoopback,
  type ServerOptions,
} from './server-options.js'
import { watchModel } from './watch-model.js'

/** Most characters of a part of a path that is looked at; longer ids are refused with a message. */
const longestPart = 65_536

/** A server that listens. */
export interface RecommendationServer {
  /** The address to ask, without a slash at its end. */
  readonly url: string
  /** Takes no further requests, waits for those that go on, and frees the port. */
  close(): Promise<void>
}

/**
 * Starts a server that answers HTTP requests from a model. `GET /openapi.json` describes the questions.
 *
 * Without keys it listens on this machine only, and refuses requests to names of other machines, with which a page could
 * reach it.
 *
 * @throws InvalidOptionsError for a wrong option
 * @throws SerializationError when the model cannot be loaded
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { createServer } from '@gnnrec/server'
 * import { PopularityRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const model = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(1, 1),
 * })
 * const server = await createServer({ model, port: 0, logLevel: 'silent' })
 * const answer = await fetch(`${server.url}/users/ann/recommendations?k=1`)
 * console.log((await answer.json()).items) // [ 'Brazil' ]
 * await server.close()
 * ```
 */
export async function createServer(options: ServerOptions): Promise<RecommendationServer> {
  const checked = checkServerOptions(options)
  const server = fastifyOf(checked)
  const { model, keys, limits } = checked
  const service = serviceOf(server, { model, keys, limits })
  const stopWatching = await watchModel(service.slot, checked.watchSeconds, server.log)
  try {
    await service.slot.ready()
    await protect(server, service, checked)
    await server.register((scope) => addService(scope, service))
    const url = await server.listen({ host: checked.host, port: checked.port })
    let closing: Promise<void> | undefined
    return {
      url,
      close() {
        closing ??= stopWatching().then(() => closeWithin(server, checked.closeSeconds))
        return closing
      },
    }
  } catch (error) {
    await stopWatching()
    await server.close()
    throw error
  }
}

function fastifyOf({
  limits,
  logLevel,
  logStream,
  proxies,
}: CheckedServerOptions): FastifyInstance {
  const server = fastify({
    logger: { level: logLevel, ...(logStream && { stream: logStream }) },
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id'] as string | undefined),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.bodySeconds * 1000,
    routerOptions: { maxParamLength: longestPart },
    // A path that is not encoded right has no route, and so no handler of errors.
    frameworkErrors(error, request, reply) {
      const { status, code, message } = toldError(apiErrorOf(error, limits.bodyBytes))
      const requestId = requestIdOf(request.headers['x-request-id'] as string | undefined)
      reply.raw.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
      reply.raw.end(JSON.stringify({ error: { code, message, requestId } }))
    },
    trustProxy: proxies.length > 0 ? proxies : false,
    forceCloseConnections: 'idle',
  })
  server.addHook('onResponse', async (request, reply) => {
    // Ids of users stay out of the log, so that nothing in it has to be forgotten.
    server.log.info({
      requestId: request.id,
      method: request.method,
      route: routeOf.get(request) ?? 'none',
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime * 1000) / 1000,
    })
  })
  return server
}

async function protect(
  server: FastifyInstance,
  service: Service,
  { keys, limits, origins, requestsPerMinute, busyMilliseconds }: CheckedServerOptions,
): Promise<void> {
  const refuse = (error: FastifyError, requestId: string) =>
    service.refusal(apiErrorOf(error, limits.bodyBytes), requestId)
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, headers, body } = refuse(error, request.id)
    return reply.code(status).headers(headers).send(body)
  })
  server.setNotFoundHandler(({ id }, reply) => {
    const { status, headers, body } = service.refusal(
      new ApiError('NOT_FOUND', 'There is nothing at this path; see /openapi.json.'),
      id,
    )
    return reply.code(status).headers(headers).send(body)
  })
  if (keys.length === 0) {
    server.addHook('onRequest', async ({ hostname }) => {
      if (isLoopback(hostname)) return
      throw new ApiError(
        'FORBIDDEN',
        'Without keys, only requests to this machine by its own names are answered.',
      )
    })
  }
  await server.register(cors, { origin: [...origins], exposedHeaders: ['x-request-id'] })
  if (requestsPerMinute !== undefined) {
    await server.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000 })
  }
  await server.register(underPressure, {
    maxEventLoopDelay: busyMilliseconds,
    pressureHandler({ url }) {
      // A server that is busy lives, and is not to be started again for it.
      if (url === '/health') return
      throw new ApiError('OVERLOADED', 'The server has too much to do.', {
        headers: { 'retry-after': '1' },
      })
    },
  })
}

/** Closes a server, and after some seconds the connections on which requests still go on. */
async function closeWithin(server: FastifyInstance, seconds: number): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), seconds * 1000)
  try {
    await server.close()
  } finally {
    clearTimeout(timer)
  }
}
