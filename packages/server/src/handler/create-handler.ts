import { checkHandlerOptions, type HandlerOptions } from './handler-options.js'
import { readBody } from './read-body.js'
import { requestIdOf } from './request-id.js'
import { Service } from './service.js'

/** A function that answers requests. */
export type Handler = (request: Request) => Promise<Response>

/**
 * Makes a function that answers HTTP requests from a model, in the types of the web platform: for routes of Next, for
 * Bun and Deno, and for workers at the edge. `GET /openapi.json` describes the questions.
 *
 * A handler is asked with paths from `/` on; one that is mounted elsewhere takes the part before it away.
 *
 * @throws InvalidOptionsError for a wrong option
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { createHandler } from '@gnnrec/server/handler'
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
 * const handler = createHandler({ model })
 * const answer = await handler(new Request('http://localhost/users/ann/recommendations?k=1'))
 * console.log(answer.status, (await answer.json()).items) // 200 [ 'Brazil' ]
 * ```
 */
export function createHandler(options: HandlerOptions): Handler {
  const service = new Service(checkHandlerOptions(options))
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    const { status, headers, body } = await service.answer({
      method: request.method,
      path: pathname,
      query: searchParams,
      requestId: requestIdOf(request.headers.get('x-request-id')),
      header: (name) => request.headers.get(name) ?? undefined,
      body: () => readBody(request, service.limits),
    })
    return new Response(body, { status, headers })
  }
}
