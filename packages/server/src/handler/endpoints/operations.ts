import * as z from 'zod'
import { ApiError } from '../api-error.js'
import { type Endpoint, endpoint, TextAnswer } from '../endpoint.js'

/** Makes the endpoints for those who run the server. */
export function operationEndpoints(): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/health',
      role: undefined,
      summary: 'Answers as long as the server runs.',
      answer: z.object({ status: z.literal('ok') }),
      run() {
        return { status: 'ok' }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/ready',
      role: undefined,
      summary: 'Answers once a model is loaded; until then with 503.',
      answer: z.object({ status: z.literal('ready') }),
      async run(_, context) {
        await context.model()
        return { status: 'ready' }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/metrics',
      role: 'read',
      summary: 'Returns numbers about requests and the process, in the text format of Prometheus.',
      answer: 'text/plain',
      async run(_, { metrics }) {
        if (!metrics) throw new ApiError('NOT_FOUND', 'This server keeps no metrics.')
        const { contentType, text } = await metrics.text()
        return new TextAnswer(contentType, text)
      },
    }),
    endpoint({
      method: 'GET',
      path: '/openapi.json',
      role: undefined,
      summary: 'Returns this description of the API.',
      answer: z.looseObject({ openapi: z.string() }),
      run(_, context) {
        return context.openApi()
      },
    }),
  ]
}
