import { readFingerprint } from '@gnnrec/serving/model-folder'
import { describe, expect, it, vi } from 'vitest'
import { createHandler } from '../src/handler.js'
import { asking } from './support/ask.js'
import { filmModel, numberModel } from './support/model.js'

const model = filmModel()
const { get, post } = asking(createHandler({ model }))

async function fingerprintOf(recommender = model): Promise<string> {
  const files = {}
  await recommender.save(files)
  return readFingerprint(files)
}

describe('lists', () => {
  it('recommends to a user as the model does, with its fingerprint and the source', async () => {
    const { status, json } = await get('/users/ann/recommendations?k=3')
    const { items, scores } = model.recommend('ann', { k: 3 })
    expect(status).toBe(200)
    expect(json).toEqual({
      user: 'ann',
      model: await fingerprintOf(),
      items,
      scores,
      source: 'trained',
    })
  })

  it('gives users whom the model does not know the most popular items, or 404 when asked to', async () => {
    expect((await get('/users/zoe/recommendations')).json.source).toBe('popularity')
    const { status, json } = await get('/users/zoe/recommendations?unknownUser=error')
    expect([status, json.error.code]).toEqual([404, 'UNKNOWN_ID'])
  })

  it('recommends for a history, and to a user who met further items', async () => {
    const history = ['Alien', { item: 'Clue', weight: 2 }, 'Unheard of']
    const { json } = await post('/recommendations', { history, k: 2, exclude: ['Brazil'] })
    expect(json.items).toEqual(model.recommendFor(history, { k: 2, exclude: ['Brazil'] }).items)
    expect([json.source, json.ignoredItems]).toEqual(['folded-in', 1])
    const later = await post('/recommendations', { user: 'ann', since: ['Clue'] })
    expect(later.json.items).toEqual(model.recommend('ann', { since: ['Clue'] }).items)
  })

  it('makes no list longer than the catalogue', async () => {
    expect((await get('/users/ann/recommendations?k=1000')).json.items).toHaveLength(4)
  })

  it('finds similar items, among candidates too', async () => {
    expect((await get('/items/Alien/similar?k=2')).json.items).toEqual(
      model.similarItems('Alien', { k: 2 }).items,
    )
    const { json } = await post('/similar-items', { item: 'Alien', candidates: ['Dune', 'Fargo'] })
    expect(json.items).toEqual(['Dune', 'Fargo'])
  })
})

describe('reasons', () => {
  it('scores items in the order of the question', async () => {
    const items = ['Fargo', 'Alien', 'Clue', 'Fargo']
    const { json } = await post('/scores', { user: 'ann', items })
    expect(json.items).toEqual(items)
    expect(json.scores).toEqual(model.score('ann', items))
    expect(json.source).toBe('trained')
    const folded = await post('/scores', { history: ['Alien', 'Brazil'], items })
    expect(folded.json.scores).toEqual(json.scores)
    expect((await post('/scores', { user: 'zoe', items })).status).toBe(404)
  })

  it('explains a score and tells why an item is not listed', async () => {
    const explained = await post('/explain', { user: 'ann', item: 'Clue' })
    expect(explained.json).toEqual({
      model: await fingerprintOf(),
      ...model.explain('ann', 'Clue'),
    })
    const whyNot = await post('/why-not', { history: ['Alien'], item: 'Fargo', k: 1 })
    expect(whyNot.json).toEqual({
      model: await fingerprintOf(),
      ...model.whyNot(['Alien'], 'Fargo', { k: 1 }),
    })
  })
})

describe('ids', () => {
  it('reads ids of a path as the type that the model has', async () => {
    const { get, post } = asking(createHandler({ model: numberModel() }))
    const { json } = await get('/users/1/recommendations')
    expect([json.user, json.items, json.source]).toEqual([1, [30], 'trained'])
    for (const text of ['01', '1.0', 'ann', '1e0', '%201', 'NaN', 'Infinity']) {
      const { status, json } = await get(`/users/${text}/recommendations`)
      expect([status, json.error.code]).toEqual([400, 'INVALID_REQUEST'])
    }
    const wrongType = await post('/recommendations', { user: '1' })
    expect([wrongType.status, wrongType.json.error.code]).toEqual([404, 'UNKNOWN_ID'])
  })

  it('takes any signs in ids as what they are', async () => {
    const { status, json } = await get(
      `/users/${encodeURIComponent('a/b\n<b>\u0000..')}/recommendations`,
    )
    expect([status, json.user]).toEqual([200, 'a/b\n<b>\u0000..'])
  })
})

describe('refusals', () => {
  it.each([
    ['/nowhere', 404, 'NOT_FOUND'],
    ['/users//recommendations', 404, 'NOT_FOUND'],
    ['/users/%zz/recommendations', 400, 'INVALID_REQUEST'],
    ['/users/%ff/recommendations', 400, 'INVALID_REQUEST'],
    [`/users/${'a'.repeat(257)}/recommendations`, 400, 'INVALID_REQUEST'],
    ['/users/ann/recommendations?k=0', 400, 'INVALID_OPTIONS'],
    ['/users/ann/recommendations?k=1000000000', 400, 'INVALID_OPTIONS'],
    ['/users/ann/recommendations?k=1&k=2', 400, 'INVALID_OPTIONS'],
    ['/users/ann/recommendations?kk=1', 400, 'INVALID_OPTIONS'],
    ['/items/Nothing/similar', 404, 'UNKNOWN_ID'],
    ['/recommendations', 405, 'METHOD_NOT_ALLOWED'],
    ['/metrics', 404, 'NOT_FOUND'],
  ])('refuses %s with %i', async (path, status, code) => {
    const { status: got, json, headers } = await get(path)
    expect([got, json.error.code]).toEqual([status, code])
    expect(Object.keys(json.error)).toEqual(['code', 'message', 'requestId'])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    ['not JSON', '{', 400, 'INVALID_REQUEST'],
    ['a list', [], 400, 'INVALID_OPTIONS'],
    ['null', null, 400, 'INVALID_OPTIONS'],
    ['nobody', {}, 400, 'INVALID_REQUEST'],
    ['two persons', { user: 'ann', history: [] }, 400, 'INVALID_REQUEST'],
    ['a history with since', { history: [], since: ['Alien'] }, 400, 'INVALID_REQUEST'],
    ['an unknown field', { user: 'ann', __proto: 1 }, 400, 'INVALID_OPTIONS'],
    ['an infinite number', '{"user":"ann","halfLife":1e999}', 400, 'INVALID_OPTIONS'],
    ['a weight of 0', { history: [{ item: 'Alien', weight: 0 }] }, 400, 'INVALID_OPTIONS'],
    ['times that lack', { history: ['Alien'], halfLife: 1 }, 400, 'INVALID_OPTIONS'],
    ['an unknown candidate', { user: 'ann', candidates: ['Nothing'] }, 404, 'UNKNOWN_ID'],
    ['deep nesting', '['.repeat(100_000), 400, 'INVALID_REQUEST'],
    ['deep lists', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 400, 'INVALID_REQUEST'],
    ['a long history', { history: Array(10_001).fill(1) }, 400, 'INVALID_OPTIONS'],
    ['a million items', { history: Array(1_000_000).fill('Alien') }, 413, 'BODY_TOO_LARGE'],
    ['a long id', { user: 'a'.repeat(10_000) }, 400, 'INVALID_OPTIONS'],
  ])('refuses %s in a body', async (_, body, status, code) => {
    const { status: got, json } = await post('/recommendations', body)
    expect([got, json.error.code]).toEqual([status, code])
    expect(json.error.message.length).toBeLessThan(2100)
  })

  it('takes JSON only, so that forms of foreign pages are refused', async () => {
    const handler = createHandler({ model })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const answer = await handler(
        new Request('http://localhost/models/roll-back', {
          method: 'POST',
          headers: { 'content-type': type },
          body: '{}',
        }),
      )
      expect(answer.status).toBe(415)
    }
  })

  it('stops reading a body that is too large or too slow', async () => {
    const handler = createHandler({ model, limits: { bodySeconds: 0.01, bodyBytes: 100 } })
    let pulls = 0
    const ask = (body: ReadableStream) =>
      handler(
        new Request('http://localhost/recommendations', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          duplex: 'half',
        } as RequestInit),
      )
    const endless = new ReadableStream({
      pull(controller) {
        pulls++
        controller.enqueue(new Uint8Array(60))
      },
    })
    expect((await ask(endless)).status).toBe(413)
    expect(pulls).toBeLessThan(10)
    expect((await ask(new ReadableStream({}))).status).toBe(408)
    const broken = new ReadableStream({
      pull: () => Promise.reject(new Error('connection reset')),
    })
    expect((await ask(broken)).status).toBe(400)
  })

  it('tells callers nothing of a fault of the server but that there was one', async () => {
    const broken = filmModel()
    const fault = new TypeError('secret detail')
    const onError = vi.fn()
    const { get } = asking(createHandler({ model: broken, onError }))
    await get('/ready')
    vi.spyOn(broken, 'recommend').mockImplementation(() => {
      throw fault
    })
    const { status, json } = await get('/users/ann/recommendations')
    expect([status, json.error.code]).toEqual([500, 'INTERNAL'])
    expect(JSON.stringify(json)).not.toMatch(/secret|TypeError|\.ts/)
    expect(onError).toHaveBeenCalledExactlyOnceWith(fault, json.error.requestId)
  })

  it('answers 503 while no model can be loaded, and loads it once it is there', async () => {
    const files: Record<string, Uint8Array> = {}
    const { get } = asking(createHandler({ model: files }))
    expect((await get('/health')).status).toBe(200)
    const { status, json } = await get('/ready')
    expect([status, json.error.code]).toEqual([503, 'NOT_READY'])
    await model.save(files)
    expect((await get('/ready')).status).toBe(200)
  })

  it('refuses wrong options', () => {
    expect(() => createHandler({ model, limits: { listLength: 0 } })).toThrow('listLength')
    expect(() => createHandler({ model, keys: [{ key: 'short', role: 'read' }] })).toThrow('16')
    expect(() => createHandler({ model: 7 as never })).toThrow('model')
  })
})

it('answers HEAD as GET without its body', async () => {
  const answer = await createHandler({ model })(
    new Request('http://localhost/health', { method: 'HEAD' }),
  )
  expect([answer.status, await answer.text()]).toEqual([200, ''])
})

it('keeps the id of a request when it is a plain word, and makes one otherwise', async () => {
  const ask = (id: string) =>
    asking(createHandler({ model }), { 'x-request-id': id }).get('/health')
  expect((await ask('trace-1:a.b')).headers.get('x-request-id')).toBe('trace-1:a.b')
  for (const id of ['two words', 'a'.repeat(129), '<b>']) {
    expect((await ask(id)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  }
})

describe('keys', () => {
  const keys = [
    { key: 'reader-0123456789', role: 'read' },
    { key: 'writer-0123456789', role: 'write' },
    { key: 'admin-01234567890', role: 'admin' },
  ] as const
  const handler = createHandler({ model, keys })

  it.each([
    [{}, 401, 401],
    [{ 'x-api-key': 'reader-0123456788' }, 401, 401],
    [{ authorization: 'Basic reader-0123456789' }, 401, 401],
    [{ authorization: 'Bearer reader-0123456789' }, 200, 403],
    [{ 'x-api-key': 'writer-0123456789' }, 200, 403],
    [{ 'x-api-key': 'admin-01234567890' }, 200, 409],
  ])('gives %j the right to read and to exchange models: %i, %i', async (headers, read, admin) => {
    const { get, post } = asking(handler, headers as Record<string, string>)
    expect((await get('/users/ann/recommendations')).status).toBe(read)
    expect((await post('/models/roll-back', {})).status).toBe(admin)
    expect((await get('/health')).status).toBe(200)
    expect((await get('/openapi.json')).status).toBe(200)
  })
})
