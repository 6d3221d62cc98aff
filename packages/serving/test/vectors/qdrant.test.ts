import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InvalidOptionsError } from '@gnnrec/graph'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SerializationError } from '../../src/index.js'
import { transformVectors, VectorTable, writeToQdrant } from '../../src/vectors.js'

interface Collection {
  readonly vectors: { readonly size: number; readonly distance: string }
  readonly points: Map<number, { vector: number[]; payload: Record<string, unknown> }>
}

/** One change of aliases. */
interface Action {
  readonly delete_alias?: { readonly alias_name: string }
  readonly create_alias?: { readonly alias_name: string; readonly collection_name: string }
}

/** A server that knows the requests of Qdrant's REST interface which are sent to it. */
class FakeQdrant {
  readonly collections = new Map<string, Collection>()
  readonly aliases = new Map<string, string>()
  readonly requests: string[] = []
  readonly keys = new Set<string | undefined>()
  failOn: RegExp | undefined

  answer(method: string, path: string, body: unknown): [status: number, result: unknown] {
    this.requests.push(`${method} ${path}`)
    if (this.failOn?.test(`${method} ${path}`)) return [500, 'service is out of memory']
    const [, name, points] = /^\/collections\/([^/?]+)(\/points)?/.exec(path) ?? []
    if (path === '/collections') {
      return [200, { collections: Array.from(this.collections.keys(), (name) => ({ name })) }]
    }
    if (path === '/aliases') {
      const aliases = Array.from(this.aliases, ([aliasName, collectionName]) => ({
        alias_name: aliasName,
        collection_name: collectionName,
      }))
      return [200, { aliases }]
    }
    if (path === '/collections/aliases') {
      for (const action of (body as { readonly actions: readonly Action[] }).actions) {
        const { delete_alias: deleted, create_alias: created } = action
        if (deleted) this.aliases.delete(deleted.alias_name)
        if (created) this.aliases.set(created.alias_name, created.collection_name)
      }
      return [200, true]
    }
    const collection = this.collections.get(name as string)
    if (points) {
      if (!collection) return [404, 'not found']
      for (const point of (
        body as { points: { id: number; vector: number[]; payload: Record<string, unknown> }[] }
      ).points) {
        if (point.vector.length !== collection.vectors.size) return [400, 'wrong dimension']
        collection.points.set(point.id, point)
      }
      return [200, { status: 'completed' }]
    }
    if (method === 'DELETE')
      return collection ? [200, this.collections.delete(name as string)] : [404, '']
    const { vectors } = body as Collection
    this.collections.set(name as string, { vectors, points: new Map() })
    return [200, true]
  }
}

let fake: FakeQdrant
let server: Server
let url: string

beforeEach(async () => {
  fake = new FakeQdrant()
  server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    fake.keys.add(request.headers['api-key'] as string | undefined)
    const body = text === '' ? undefined : JSON.parse(text)
    const [status, result] = fake.answer(request.method as string, request.url as string, body)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ result, status: status === 200 ? 'ok' : { error: result } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

const items = new VectorTable({
  ids: ['a', 'b'],
  dim: 2,
  vectors: Float32Array.of(1, 0.1, 0.5, 2),
})
const many = new VectorTable({
  ids: Array.from({ length: 1400 }, (_, row) => row + 5),
  dim: 200,
  vectors: new Float32Array(280_000).map((_, at) => at % 101),
})
const pointsOf = (name: string) => fake.collections.get(fake.aliases.get(name) as string)?.points

describe('writeToQdrant', () => {
  it('makes a collection of points with the ids as payload, behind an alias', async () => {
    const result = await writeToQdrant(items, { url, collection: 'items', apiKey: 'secret' })
    expect(result).toEqual({ rows: 2, collection: 'items_1' })
    expect(fake.collections.get('items_1')?.vectors).toEqual({ size: 2, distance: 'Dot' })
    expect(pointsOf('items')?.get(1)).toEqual({ id: 1, vector: [0.5, 2], payload: { id: 'b' } })
    expect([...fake.keys]).toEqual(['secret'])
  })

  it('takes the place of what it wrote before, in several batches', async () => {
    await writeToQdrant(items, { url: `${url}/`, collection: 'items' })
    expect(await writeToQdrant(many, { url, collection: 'items' })).toEqual({
      rows: 1400,
      collection: 'items_2',
    })
    expect(pointsOf('items')?.size).toBe(1400)
    expect(fake.requests.filter((request) => request.includes('/points'))).toHaveLength(3)
    expect([...fake.collections.keys()]).toEqual(['items_2'])
    await writeToQdrant(items, { url, collection: 'items' })
    expect([...fake.collections.keys()]).toEqual(['items_1'])
  })

  it('refuses cosines for inner products, and takes what transformVectors makes of them', async () => {
    const options = { url, collection: 'items', metric: 'cosine' } as const
    await expect(writeToQdrant(items, options)).rejects.toThrow(
      /transformVectors\(items, 'cosine'\)/,
    )
    expect(fake.requests).toEqual([])
    await writeToQdrant(transformVectors(items, 'cosine').items, options)
    expect(fake.collections.get('items_1')?.vectors).toEqual({ size: 3, distance: 'Cosine' })
  })

  it('keeps collections and aliases that it has not made', async () => {
    fake.collections.set('items', { vectors: { size: 1, distance: 'Dot' }, points: new Map() })
    const options = { url, collection: 'items' }
    await expect(writeToQdrant(items, options)).rejects.toThrow(InvalidOptionsError)
    fake.collections.clear()
    fake.aliases.set('items', 'something')
    await expect(writeToQdrant(items, options)).rejects.toThrow(/an alias of 'something'/)
  })

  it('leaves the old points when the server fails in between', async () => {
    const options = { url, collection: 'items' }
    await writeToQdrant(items, options)
    for (const failOn of [/PUT .*points/, /POST/, /PUT \S*items_2$/, /GET .aliases/]) {
      fake.failOn = failOn
      await expect(writeToQdrant(many, options)).rejects.toThrow(SerializationError)
      await expect(writeToQdrant(many, options)).rejects.toThrow(/500 .*out of memory/)
      expect([...fake.collections.keys()]).toEqual(['items_1'])
      expect(pointsOf('items')?.size).toBe(2)
    }
  })

  it('names a server that is not there, stops at the signal, and refuses wrong options', async () => {
    const closed = { url: 'http://127.0.0.1:9', collection: 'items' }
    await expect(writeToQdrant(items, closed)).rejects.toThrow(
      /127\.0\.0\.1:9: GET \/collections failed/,
    )
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(writeToQdrant(items, { url, collection: 'items', signal })).rejects.toThrow(
      'enough',
    )
    for (const wrong of [{ collection: '../x' }, { collection: 'items', metric: 'ip' }, {}]) {
      await expect(writeToQdrant(items, { url, ...wrong } as never)).rejects.toThrow(
        InvalidOptionsError,
      )
    }
    const html = async () => new Response('<html>', { status: 200 })
    const proxied = { url, collection: 'items', fetch: html as typeof fetch }
    await expect(writeToQdrant(items, proxied)).rejects.toThrow(/not JSON/)
  })
})
