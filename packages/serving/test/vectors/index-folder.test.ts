import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Recommender, SerializationError } from '../../src/index.js'
import { buildIndex, loadIndex } from '../../src/vectors.js'
import { listingEngine, randomEmbeddings } from '../support/search-engines.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const sizes = { users: 60, items: 1500, dim: 8 }
const model = randomEmbeddings(sizes)
const options = { sample: 20, k: 10 }

async function savedIndex(): Promise<string> {
  const folder = join(await temporaryFolder(), 'index')
  await (await buildIndex(model, options)).save(folder)
  return folder
}

describe('a saved index', () => {
  it('answers as before for the model that it was built with, saved and loaded too', async () => {
    const folder = await temporaryFolder()
    const index = await buildIndex(model, options)
    const bytes = await index.save(pathToFileURL(join(folder, 'index')))
    const files = await readdir(join(folder, 'index'))
    expect(files).toEqual([expect.stringMatching(/^graph-[0-9a-f]{16}\.bin$/), 'index.json'])
    const contents = await Promise.all(files.map((name) => readFile(join(folder, 'index', name))))
    expect(bytes).toBe(contents.reduce((sum, { length }) => sum + length, 0))
    await model.save(join(folder, 'model'), { users: true })
    const reloaded = await Recommender.load<number, string>(join(folder, 'model'))
    const loaded = await loadIndex(join(folder, 'index'), reloaded)
    expect([loaded.measured, loaded.effort, loaded.connectivity]).toEqual([
      index.measured,
      index.effort,
      index.connectivity,
    ])
    const users = model.users.ids
    const lists = model.withIndex(index).recommend(users)
    expect(model.withIndex(loaded).recommend(users)).toEqual(lists)
    await loaded.save(join(folder, 'again'))
    expect(await readdir(join(folder, 'again'))).toEqual(files)
  })

  it('takes the place of an older one, and of nothing else', async () => {
    const folder = await savedIndex()
    const before = await readdir(folder)
    const index = await buildIndex(model, { ...options, connectivity: 8 })
    await index.save(folder)
    const after = await readdir(folder)
    expect(after).toHaveLength(2)
    expect(after).not.toEqual(before)
    await writeFile(join(folder, 'index.json'), '{"pages": []}')
    await expect(index.save(folder)).rejects.toThrow(/is not that of an index/)
    expect(await readFile(join(folder, 'index.json'), 'utf8')).toBe('{"pages": []}')
    expect(await readdir(folder)).toEqual(after)
  })

  it('is refused for another catalogue, other vectors and another engine', async () => {
    const folder = await savedIndex()
    const larger = randomEmbeddings({ ...sizes, items: 1501 })
    const biased = randomEmbeddings(sizes, { itemBias: new Float32Array(1500) })
    const cosine = randomEmbeddings(sizes, { similarity: 'cosine' })
    for (const other of [larger, biased, cosine]) {
      await expect(loadIndex(folder, other)).rejects.toThrow(SerializationError)
      await expect(loadIndex(folder, other)).rejects.toThrow(/was built with other items/)
    }
    const engine = listingEngine()
    await expect(loadIndex(folder, model, { engine })).rejects.toThrow(/was built by 'usearch'/)
  })

  it('is refused when a file is damaged, changed, missing or newer', async () => {
    const folder = await savedIndex()
    const manifest = join(folder, 'index.json')
    const graph = join(folder, (await readdir(folder))[0] as string)
    const [text, bytes] = [await readFile(manifest, 'utf8'), await readFile(graph)]
    const changed = Buffer.from(bytes)
    changed[100] = (changed[100] as number) ^ 1
    const damages: [path: string, content: string | Buffer | undefined, message: RegExp][] = [
      [graph, changed, /is damaged or foreign: its SHA-256/],
      [graph, bytes.subarray(0, 50), /it has 50 bytes/],
      [graph, undefined, /Could not read .*graph-/],
      [manifest, text.replace(/"effort": \d+/, '"effort": 1'), /was changed by hand/],
      [manifest, text.replace('"formatVersion": 1', '"formatVersion": 2'), /format version 2/],
      [manifest, text.replace('gnnrec-index', 'gnnrec-model'), /is not an index/],
      [manifest, text.replace(/graph-[0-9a-f]+/, '../graph'), /does not fit its format/],
      [manifest, text.slice(0, 40), /is not JSON/],
      [manifest, ' '.repeat(1 << 17), /more than 65536/],
      [manifest, undefined, /There is no index in/],
    ]
    for (const [path, content, message] of damages) {
      if (content === undefined) await rm(path)
      else await writeFile(path, content)
      await expect(loadIndex(folder, model)).rejects.toThrow(SerializationError)
      await expect(loadIndex(folder, model)).rejects.toThrow(message)
      await writeFile(path, path === graph ? bytes : text)
    }
    expect((await loadIndex(folder, model)).itemCount).toBe(1500)
  })

  it.each([
    ['effort', 1501, /says 1500 items of 8 numbers and 1501 candidates/],
    ['items', 1499, /says 1499 items/],
    ['dim', 2 ** 31 - 1, /items of 2147483647 numbers/],
    ['connectivity', 65, /does not fit its format/],
    ['expansion', 513, /does not fit its format/],
  ])('is refused when %s does not fit, though the digest does', async (name, value, message) => {
    const folder = await savedIndex()
    const manifest = join(folder, 'index.json')
    const { sha256: _, ...content } = JSON.parse(await readFile(manifest, 'utf8'))
    const changed = { ...content, [name]: value }
    const sha256 = createHash('sha256').update(JSON.stringify(changed)).digest('hex')
    await writeFile(manifest, JSON.stringify({ ...changed, sha256 }))
    await expect(loadIndex(folder, model)).rejects.toThrow(SerializationError)
    await expect(loadIndex(folder, model)).rejects.toThrow(message)
  })

  it('cannot be saved to a place that is no folder', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    const index = await buildIndex(model, options)
    await expect(index.save(join(folder, 'file'))).rejects.toThrow(SerializationError)
    await expect(index.save('http://localhost/index')).rejects.toThrow(SerializationError)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(loadIndex(folder, model, { signal })).rejects.toThrow('enough')
  })
})
