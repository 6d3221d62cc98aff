import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../handler/api-error.js'
import { checkHandlerOptions, type HandlerOptions } from '../handler/handler-options.js'
import { bodyTooLarge } from '../handler/parse-body.js'
import { type Answer, Service } from '../handler/service.js'
import { PrometheusMetrics } from './prometheus.js'

/** Options of {@link gnnrecPlugin}; `prefix` of Fastify's `register` puts the paths elsewhere. */
export type PluginOptions = Omit<HandlerOptions, 'onError'>

/**
 * A plugin of Fastify that answers the questions of {@link createServer} within your own server, which then has its own
 * limits of rate, log and origins. The model is loaded before the server is ready.
 *
 * @throws InvalidOptionsError for a wrong option, when the server gets ready
 * @throws SerializationError when the model cannot be loaded, when the server gets ready
 *
 * @example
 * ```ts
 * import fastify from 'fastify'
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { gnnrecPlugin } from '@gnnrec/server'
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
 * const server = fastify()
 * server.register(gnnrecPlugin, { prefix: '/shop', model })
 * const answer = await server.inject('/shop/users/ann/recommendations?k=1')
 * console.log(answer.json().items) // [ 'Brazil' ]
 * await server.close()
 * ```
 */
export async function gnnrecPlugin(
  fastify: FastifyInstance,
  options: PluginOptions,
): Promise<void> {
  const { prefix: _, ...own } = options as PluginOptions & { prefix?: string }
  await addService(fastify, serviceOf(fastify, own))
}

/** Makes the service of a server, which logs faults where the server does and keeps numbers for Prometheus. */
export function serviceOf(fastify: FastifyInstance, options: PluginOptions): Service {
  const metrics = new PrometheusMetrics()
  const checked = checkHandlerOptions(options)
  const onError = (err: unknown, requestId: string) => fastify.log.error({ err, requestId })
  const { model, keys, limits } = checked
  const service = new Service({ model, keys, limits, metrics, onError })
  metrics.watch(service.slot)
  return service
}

/** Adds the paths of a service to a server, once its model is loaded. */
export async function addService(fastify: FastifyInstance, service: Service): Promise<void> {
  await service.slot.ready()
  const { bodyBytes } = service.limits
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyBytes }, (_, body, done) =>
    done(null, body),
  )
  fastify.setErrorHandler((error: FastifyError, request, reply) =>
    send(reply, {
      ...service.refusal(apiErrorOf(error, bodyBytes), String(request.id)),
      route: 'none',
    }),
  )
  fastify.route({
    // OPTIONS is left to the plugin for other origins.
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/*',
    exposeHeadRoute: false,
    bodyLimit: bodyBytes,
    async handler(request, reply) {
      return send(reply, await answerOf(service, request, fastify.prefix))
    },
  })
}

function answerOf(service: Service, request: FastifyRequest, prefix: string): Promise<Answer> {
  const [path, ...query] = (request.raw.url ?? '/').split('?')
  return service.answer({
    method: request.method,
    path: path.slice(prefix.length),
    query: new URLSearchParams(query.join('?')),
    requestId: String(request.id),
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    async body() {
      return request.body instanceof Uint8Array ? request.body : new Uint8Array(0)
    },
  })
}

/** The path of the endpoint that answered a request, for the log. */
export const routeOf = new WeakMap<FastifyRequest, string>()

function send(reply: FastifyReply, { status, headers, body, route }: Answer): FastifyReply {
  routeOf.set(reply.request, route)
  return reply.code(status).headers(headers).send(body)
}

/** Tells a fault of a request, which Fastify or its plugins found, from one of the server. */
export function apiErrorOf(error: FastifyError, bodyBytes: number): unknown {
  const { statusCode } = error
  if (error instanceof ApiError || statusCode === undefined || statusCode >= 600) return error
  if (statusCode === 413) return bodyTooLarge(bodyBytes)
  if (statusCode === 429) return new ApiError('RATE_LIMITED', 'There were too many requests.')
  if (statusCode === 503) return new ApiError('OVERLOADED', 'The server has too much to do.')
  if (statusCode >= 500) return error
  return new ApiError('INVALID_REQUEST', 'The request is not right as HTTP.', { cause: error })
}
