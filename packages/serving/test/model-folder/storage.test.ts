import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { SerializationError } from '../../src/model-folder/errors.js'
import type { ModelSource } from '../../src/model-folder/place.js'
import { readModelFolder } from '../../src/model-folder/read-model-folder.js'
import { writeModelFolder } from '../../src/model-folder/write-model-folder.js'
import { serve } from '../support/model-server.js'
import { sampleParts } from '../support/sample-parts.js'
import { temporaryFolder } from '../support/temporary-folder.js'

/** Serves a saved model under /models/a; notes what was asked for. */
async function serveModel(): Promise<{ address: string; asked: string[] }> {
  const files: Record<string, Uint8Array> = {}
  await writeModelFolder(files, sampleParts(5))
  const asked: string[] = []
  const address = await serve((request, response) => {
    asked.push(request.url as string)
    const [path] = (request.url as string).split('?') as [string]
    const bytes = path.startsWith('/models/a/') ? files[path.slice('/models/a/'.length)] : undefined
    response.writeHead(bytes ? 200 : 404).end(bytes)
  })
  return { address, asked }
}

async function expectSample(source: ModelSource): Promise<void> {
  const { options, weights } = await readModelFolder(source, { weights: true })
  expect(options).toEqual(sampleParts(5).options)
  expect(weights).toEqual(sampleParts(5).weights)
}

const load = (source: ModelSource) => readModelFolder(source, { weights: false })

describe('where models lie', () => {
  it('writes to and reads from a path, a file URL and its text', async () => {
    const folder = join(await temporaryFolder(), 'new folder ü#?', 'inner')
    for (const target of [folder, pathToFileURL(folder), pathToFileURL(`${folder}/`).href]) {
      await writeModelFolder(target, sampleParts(4))
      await writeModelFolder(target, sampleParts(5))
      await expectSample(folder)
      await expectSample(target)
    }
  })

  it('fills an object and reads it, leaving foreign entries alone', async () => {
    const files: Record<string, Uint8Array> = { note: Uint8Array.of(1) }
    await writeModelFolder(files, sampleParts(4))
    await writeModelFolder(files, sampleParts(5))
    expect(Object.keys(files)).toHaveLength(6)
    expect(files['note']).toEqual(Uint8Array.of(1))
    await expectSample(files)
    await expectSample(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes)])),
    )
  })

  it('reads over http, with or without a slash at the end, keeping the query', async () => {
    const { address, asked } = await serveModel()
    await expectSample(new URL(`${address}/models/a`))
    await expectSample(`${address}/models/a/`)
    expect(asked[0]).toBe('/models/a/model.json')
    asked.length = 0
    await expectSample(`${address}/models/a?token=x#part`)
    expect(asked).toHaveLength(5)
    for (const url of asked) expect(url).toMatch(/^\/models\/a\/[^/]+\?token=x$/)
  })

  it('says which address has no model, which answers with an error, which is not there', async () => {
    const { address } = await serveModel()
    await expect(load(`${address}/models/b`)).rejects.toThrow(
      `There is no model in ${address}/models/b: it has no model.json`,
    )
    const broken = await serve((_, response) => response.writeHead(503).end())
    await expect(load(broken)).rejects.toThrow(
      `Could not read ${broken}/model.json: the server answered 503`,
    )
    const hangsUp = await serve((request) => request.destroy())
    await expect(load(hangsUp)).rejects.toThrow(SerializationError)
    await expect(load(hangsUp)).rejects.toThrow(
      `Could not read ${hangsUp}/model.json: fetch failed`,
    )
  })

  it('says that a page which answers everything with HTML is no model', async () => {
    const address = await serve((_, response) => response.end('<!doctype html>'))
    await expect(load(address)).rejects.toThrow('model.json of')
    await expect(load(address)).rejects.toThrow('not JSON')
  })

  it.each<[string, ModelSource, string]>([
    ['another protocol', new URL('ftp://example.org/model'), 'file:, http: or https:'],
    ['a host in a file URL', new URL('file://host/model'), 'is not a path here'],
    ['an empty path', '', 'the path of a folder'],
    ['nothing', undefined as never, 'the path of a folder'],
    ['a number', 3 as never, 'Got 3 as the place of a model'],
    ['text in memory', { 'model.json': '{}' as never }, 'model.json in memory is not a Uint8Array'],
  ])('rejects %s', async (_, source, message) => {
    await expect(load(source)).rejects.toThrow(SerializationError)
    await expect(load(source)).rejects.toThrow(message)
  })

  it('cannot write over http', async () => {
    await expect(writeModelFolder('http://127.0.0.1:1/m', sampleParts(1))).rejects.toThrow(
      'Cannot save a model to http://127.0.0.1:1/m',
    )
  })

  it('takes a file in the place of the folder for no model, and does not overwrite it', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, 'x')
    await expect(load(file)).rejects.toThrow('There is no model in')
    await expect(writeModelFolder(file, sampleParts(1))).rejects.toThrow('Could not save to')
  })

  it('says which file cannot be read', async () => {
    const folder = await temporaryFolder()
    const fs = process.getBuiltinModule('node:fs/promises')
    const spy = vi
      .spyOn(fs, 'open')
      .mockRejectedValue(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }))
    onTestFinished(() => spy.mockRestore())
    await expect(load(folder)).rejects.toThrow(
      `Could not read ${join(folder, 'model.json')}: EACCES: permission denied`,
    )
  })

  it('says what to do where there is no file system', async () => {
    vi.stubGlobal('process', undefined)
    onTestFinished(() => {
      vi.unstubAllGlobals()
    })
    for (const place of ['some/model', 'file:///some/model']) {
      await expect(load(place)).rejects.toThrow(
        /there is no file system here\. Pass an http\(s\) URL or \{ name: Uint8Array \}/,
      )
    }
  })

  it('works in memory and over http where there is no file system', async () => {
    const files: Record<string, Uint8Array> = {}
    vi.stubGlobal('process', undefined)
    vi.stubGlobal('fetch', async (url: URL) => {
      const bytes = files[url.pathname.replace('/models/a/', '')] as Uint8Array<ArrayBuffer>
      return new Response(bytes)
    })
    onTestFinished(() => {
      vi.unstubAllGlobals()
    })
    await writeModelFolder(files, sampleParts(5))
    await expectSample(files)
    await expectSample('https://example.org/models/a')
  })
})
