import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createServer,
  gnnrecPlugin,
  type RecommendationServer,
  type ServerOptions,
} from '../src/index.js'
import { filmModel, numberModel } from './support/model.js'

const servers: RecommendationServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(options: Partial<ServerOptions> = {}): Promise<RecommendationServer> {
  const server = await createServer({
    model: filmModel(),
    port: 0,
    logLevel: 'silent',
    busyMilliseconds: 600_000,
    ...options,
  })
  servers.push(server)
  return server
}

async function ask(url: string, init?: RequestInit) {
  const answer = await fetch(url, init)
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: safeJson(text) }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of all kinds
function safeJson(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const posted = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** Sends bytes as they are and returns the answer. */
function sendRaw(url: string, text: string): Promise<string> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8').on('data', (piece) => {
      answer += piece
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}

async function modelFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await filmModel().save(folder)
  return folder
}

it('answers over HTTP as the handler does', async () => {
  const { url } = await start()
  const { json, headers } = await ask(`${url}/users/ann/recommendations?k=2`)
  expect(json.items).toEqual(filmModel().recommend('ann', { k: 2 }).items)
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  const list = await ask(`${url}/recommendations`, posted({ history: ['Alien'] }))
  expect(list.json.source).toBe('folded-in')
})

it.each([
  ['/users/%zz/recommendations', undefined, 400, 'INVALID_REQUEST'],
  [`/users/${'a'.repeat(2000)}/recommendations`, undefined, 400, 'INVALID_REQUEST'],
  ['/nothing', { method: 'DELETE' }, 404, 'NOT_FOUND'],
  ['/nothing', { method: 'PROPFIND' }, 404, 'NOT_FOUND'],
  ['/recommendations', { method: 'POST' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['/recommendations', posted('{'), 400, 'INVALID_REQUEST'],
  ['/recommendations', posted(`"${'a'.repeat(2 ** 20)}"`), 413, 'BODY_TOO_LARGE'],
  ['/recommendations', { method: 'POST', body: 'a=b' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
] as const)('refuses request %# with an error of the API', async (path, init, status, code) => {
  const { url } = await start()
  const answer = await ask(`${url}${path}`, init as RequestInit)
  expect([answer.status, answer.json?.error.code]).toEqual([status, code])
  expect(Object.keys(answer.json.error)).toEqual(['code', 'message', 'requestId'])
})

it('answers the host of this machine only while it has no keys', async () => {
  const { url } = await start()
  const request = (host: string) =>
    sendRaw(url, `GET /models HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  expect(await request('localhost')).toContain('200 OK')
  expect(await request('[::1]:8080')).toContain('200 OK')
  expect(await request('evil.example')).toContain('403 Forbidden')
  await expect(start({ host: '0.0.0.0' })).rejects.toThrow('Without keys')
  await expect(start({ origins: ['*'] })).rejects.toThrow('origin')
})

it('with keys answers those who have one', async () => {
  const { url } = await start({ keys: [{ key: 'reader-0123456789', role: 'read' }] })
  expect((await ask(`${url}/models`)).status).toBe(401)
  const headers = { 'x-api-key': 'reader-0123456789' }
  expect((await ask(`${url}/models`, { headers })).status).toBe(200)
})

it('keeps numbers for Prometheus, with routes and never with ids', async () => {
  const { url } = await start()
  await ask(`${url}/users/ann/recommendations`)
  await ask(`${url}/users/ben/recommendations?k=0`)
  const { text, headers } = await ask(`${url}/metrics`)
  expect(headers.get('content-type')).toMatch(/^text\/plain/)
  const route = 'route="/users/{user}/recommendations",method="GET"'
  expect(text).toContain(`gnnrec_requests_total{${route},status="200"} 1`)
  expect(text).toContain(`gnnrec_requests_total{${route},status="400"} 1`)
  expect(text).toMatch(
    /gnnrec_model_info\{fingerprint="[0-9a-f]{64}",architecture="item-similarity"\} 1/,
  )
  expect(text).not.toMatch(/\bann\b|\bben\b/)
})

it('allows pages of the origins that are named, and no others', async () => {
  const { url } = await start({ origins: ['https://shop.example'] })
  const allowed = async (origin: string) =>
    (await ask(`${url}/health`, { headers: { origin } })).headers.get('access-control-allow-origin')
  expect(await allowed('https://shop.example')).toBe('https://shop.example')
  expect(await allowed('https://evil.example')).not.toBe('https://evil.example')
  expect(await allowed('https://evil.example')).not.toBe('*')
})

it('refuses more requests of an address than are allowed', async () => {
  const { url } = await start({ requestsPerMinute: 2 })
  const statuses = []
  for (let at = 0; at < 3; at++) statuses.push(await ask(`${url}/health`))
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(statuses[2].json.error.code).toBe('RATE_LIMITED')
  expect(statuses[2].headers.get('retry-after')).not.toBeNull()
})

it('logs a line of JSON for each request, without ids and whatever they hold', async () => {
  const lines: string[] = []
  const logStream = { write: (line: string) => void lines.push(line) }
  const { url } = await start({ logLevel: 'info', logStream })
  const id = encodeURIComponent('ann\n{"level":60,"msg":"forged"}')
  await ask(`${url}/users/${id}/recommendations`, { headers: { 'x-request-id': 'trace-1' } })
  const find = () => lines.filter((line) => line.includes('trace-1'))
  await vi.waitFor(() => expect(find()).toHaveLength(1), { timeout: 600_000 })
  expect(JSON.parse(find()[0])).toMatchObject({
    method: 'GET',
    route: '/users/{user}/recommendations',
    status: 200,
  })
  expect(lines.join('')).not.toContain('forged')
})

it('ends requests that go on before it closes', async () => {
  const server = await start()
  const answers = Array.from({ length: 20 }, () => ask(`${server.url}/users/ann/recommendations`))
  const first = await Promise.race(answers)
  const closed = server.close()
  expect(first.status).toBe(200)
  await closed
  await expect(fetch(`${server.url}/health`)).rejects.toThrow()
  for (const answer of await Promise.allSettled(answers)) {
    if (answer.status === 'fulfilled') expect([200, 503]).toContain(answer.value.status)
  }
})

it('starts with no broken model', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'server-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await expect(start({ model: folder })).rejects.toMatchObject({ code: 'SERIALIZATION' })
})

describe('exchange of models', () => {
  it('takes the new model of the folder, and goes back to the old one', async () => {
    const folder = await modelFolder()
    const { url } = await start({ model: folder, watchSeconds: 0 })
    const score = async () => (await ask(`${url}/users/ann/recommendations?k=1`)).json
    const before = await score()
    expect((await ask(`${url}/models/swap`, posted({}))).json.hasChanged).toBe(false)
    await filmModel(2).save(folder)
    const { status, json } = await ask(`${url}/models/swap`, posted({}))
    expect([status, json.hasChanged, json.previous.fingerprint]).toEqual([200, true, before.model])
    const after = await score()
    expect(after.model).toBe(json.current.fingerprint)
    expect(after.scores[0]).toBe(before.scores[0] * 2)
    await ask(`${url}/models/roll-back`, posted({}))
    expect(await score()).toEqual(before)
  })

  it('looks for another model in the folder, and keeps the old one when that is broken', async () => {
    const folder = await modelFolder()
    const { url } = await start({ model: folder, watchSeconds: 0.02 })
    const models = async () => (await ask(`${url}/models`)).json
    const { current } = await models()
    await filmModel(3).save(folder)
    await vi.waitFor(async () => expect((await models()).current).not.toEqual(current), {
      timeout: 600_000,
    })
    const second = (await models()).current
    await writeFile(join(folder, 'model.json'), '{"format":"gnnrec-model"')
    await vi.waitFor(async () => expect((await models()).failure?.code).toBe('SERIALIZATION'), {
      timeout: 600_000,
    })
    expect((await models()).current).toEqual(second)
    expect((await ask(`${url}/users/ann/recommendations`)).status).toBe(200)
    expect((await ask(`${url}/metrics`)).text).toContain('gnnrec_model_swap_failed 1')
  })

  it('refuses models with another fingerprint than expected, other types of ids or far fewer items', async () => {
    const folder = await modelFolder()
    const { url } = await start({ model: folder, watchSeconds: 0 })
    const fingerprint = '0'.repeat(64)
    await filmModel(2).save(folder)
    const other = await ask(`${url}/models/swap`, posted({ fingerprint }))
    expect([other.status, other.json.error.code]).toEqual([409, 'SWAP_REFUSED'])
    await numberModel().save(folder)
    const types = await ask(`${url}/models/swap`, posted({}))
    expect(types.json.error.message).toContain('type number')
    expect((await ask(`${url}/models`)).json.failure.code).toBe('SWAP_REFUSED')
    const path = await ask(`${url}/models/swap`, posted({ folder: '../../etc' }))
    expect(path.status).toBe(400)
  })

  it('fails no request while models are exchanged', async () => {
    const folder = await modelFolder()
    const { url } = await start({ model: folder, watchSeconds: 0 })
    let isDone = false
    const asked = (async () => {
      const statuses = new Set<number>()
      while (!isDone) statuses.add((await ask(`${url}/users/ann/recommendations`)).status)
      return statuses
    })()
    for (let scale = 2; scale < 12; scale++) {
      await filmModel(scale).save(folder)
      expect((await ask(`${url}/models/swap`, posted({}))).json.hasChanged).toBe(true)
    }
    isDone = true
    expect([...(await asked)]).toEqual([200])
  })
})

it('is a plugin of a server of your own, below a prefix', async () => {
  const own = fastify()
  own.register(gnnrecPlugin, { prefix: '/shop', model: filmModel() })
  own.post('/own', async ({ body }) => body)
  const list = await own.inject('/shop/users/ann/recommendations?k=1')
  expect(list.json().items).toEqual(filmModel().recommend('ann', { k: 1 }).items)
  const echoed = await own.inject({ method: 'POST', url: '/own', payload: { its: 'parser' } })
  expect(echoed.json()).toEqual({ its: 'parser' })
  expect((await own.inject('/elsewhere')).statusCode).toBe(404)
  await own.close()
})
