import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHandler } from '../src/handler.js'
import { filmModel, numberModel } from './support/model.js'
import { requestsOf } from './support/requests.js'

/** A place in code, as stack traces have it. */
const stackTrace = /\bat .*[\w)/.]:\d+:\d+|node_modules|\.(ts|js|mjs):\d+/

describe.each([
  ['ids that are strings', filmModel],
  ['ids that are numbers', numberModel],
])('a model with %s', (_, makeModel) => {
  it('answers every question of its document by a status of the document, and never by a fault', async () => {
    const errors: unknown[] = []
    const handler = createHandler({
      model: makeModel(),
      onError: (error) => void errors.push(error),
    })
    const read = await handler(new Request('http://localhost/openapi.json'))
    const document = await read.json()
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(requestsOf(document), async ({ method, path, url, body }) => {
        const answer = await handler(
          new Request(`http://localhost${url}`, {
            method,
            ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
          }),
        )
        const text = await answer.text()
        statuses.add(answer.status)
        expect(errors).toEqual([])
        expect(answer.status).toBeLessThan(500)
        expect(Object.keys(document.paths[path][method.toLowerCase()].responses)).toContain(
          String(answer.status),
        )
        expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
        expect(text).not.toMatch(stackTrace)
        const { error } = JSON.parse(text)
        expect(error === undefined).toBe(answer.status === 200)
        if (error) expect(Object.keys(error)).toEqual(['code', 'message', 'requestId'])
      }),
      { numRuns: 2000 },
    )
    // The requests are neither all wrong nor all right.
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]))
  })
})
