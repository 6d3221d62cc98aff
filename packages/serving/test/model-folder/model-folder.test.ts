import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Id, IdMap } from '@gnnrec/graph'
import { sha256Hex } from '@gnnrec/graph/files'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { SerializationError } from '../../src/index.js'
import {
  encodeSafetensors,
  type ModelParts,
  readModelFolder,
  writeModelFolder,
} from '../../src/model-folder.js'
import { sampleParts } from '../support/sample-parts.js'
import { temporaryFolder } from '../support/temporary-folder.js'

type Files = Record<string, Uint8Array>
// biome-ignore lint/suspicious/noExplicitAny: tests write what the types forbid
type Json = any

const encode = (text: string) => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes))

async function savedFiles(parts: ModelParts = sampleParts(1)): Promise<Files> {
  const files: Files = {}
  await writeModelFolder(files, parts)
  return files
}

/** Changes model.json in place; it then has no digest, like those of older versions. */
function edit(files: Files, change: (json: Json) => void): Files {
  const { sha256: _, ...json } = decode(files['model.json'])
  change(json)
  return { ...files, 'model.json': encode(JSON.stringify(json)) }
}

/** Replaces a data file and corrects its entry, as if somebody had made the folder by hand. */
async function replaceData(files: Files, role: string, bytes: Uint8Array): Promise<Files> {
  const sha256 = await sha256Hex(bytes)
  const changed = edit(files, (json) => {
    json.files[role] = { ...json.files[role], bytes: bytes.length, sha256 }
  })
  return { ...changed, [decode(files['model.json']).files[role].name]: bytes }
}

async function failure(files: Files, weights = false): Promise<string> {
  const error = await readModelFolder(files, { weights }).catch((error) => error)
  expect(error).toBeInstanceOf(SerializationError)
  expect(error.code).toBe('SERIALIZATION')
  return error.message
}

describe('model folder', () => {
  it('gives back all parts', async () => {
    const parts = sampleParts(1)
    const read = await readModelFolder(await savedFiles(parts), { weights: true })
    expect({ ...read, users: read.users.ids, items: read.items.ids }).toEqual({
      ...parts,
      users: parts.users.ids,
      items: parts.items.ids,
    })
  })

  it('holds model.json and data files whose names carry their digest', async () => {
    const folder = await temporaryFolder()
    await writeModelFolder(folder, sampleParts(1))
    const json = decode(await readFile(join(folder, 'model.json')))
    expect(json).toMatchObject({
      format: 'gnnrec-model',
      formatVersion: 1,
      libraryVersion: packageJson.version,
      architecture: 'light-gcn',
      kind: 'embeddings',
      options: { layers: 3, layerWeights: [0.5, 0.5] },
      splitHash: 'abc',
      score: { similarity: 'dot', scale: 1, itemBias: true },
      counts: { users: 3, items: 4, embeddingDim: 2 },
      idTypes: { users: 'string', items: 'number' },
    })
    expect(Object.keys(json.files)).toEqual(['weights', 'serving', 'ids', 'seen'])
    for (const [role, { name, bytes, sha256 }] of Object.entries(json.files as Json) as Json) {
      expect(name).toMatch(new RegExp(`^${role}-${sha256.slice(0, 16)}\\.(json|safetensors)$`))
      const content = await readFile(join(folder, name))
      expect(content.length).toBe(bytes)
      expect(await sha256Hex(content)).toBe(sha256)
    }
    expect(await readdir(folder)).toHaveLength(5)
  })

  it('gives the same bytes for the same model', async () => {
    expect(await savedFiles()).toEqual(await savedFiles())
  })

  it('reads no weights unless they are asked for', async () => {
    const files = await savedFiles()
    const { weights } = decode(files['model.json']).files
    delete files[weights.name]
    expect(await readModelFolder(files, { weights: false })).not.toHaveProperty('weights')
    expect(await failure(files, true)).toContain(
      `${weights.name} of the files in memory is missing`,
    )
  })

  it('says that a model saved for answering has no weights to load', async () => {
    const { weights: _, ...answering } = sampleParts(1)
    expect(await failure(await savedFiles(answering), true)).toMatch(
      /has no weights.*Recommender\.load/,
    )
  })

  const idsArbitrary: fc.Arbitrary<Id[]> = fc.oneof(
    fc.uniqueArray(fc.string({ unit: 'binary' }), { minLength: 1 }),
    fc.uniqueArray(fc.maxSafeInteger(), { minLength: 1 }),
    fc.uniqueArray(fc.stringMatching(/^[0-9\ud800-\udfff]{1,3}$/), { minLength: 1 }),
  )
  it('gives back every id with its type, index and characters', async () => {
    await fc.assert(
      fc.asyncProperty(idsArbitrary, idsArbitrary, async (users, items) => {
        const parts = sampleParts(1, { users, items })
        const read = await readModelFolder(await savedFiles(parts), { weights: false })
        expect(read.users.ids).toEqual(parts.users.ids)
        expect(read.items.ids).toEqual(parts.items.ids)
      }),
      { numRuns: 60 },
    )
  })

  it("keeps '007' a string and says so to who asks with 7", async () => {
    const parts = sampleParts(1, { users: ['007', '7', 'Zoë ☃ \ud83d'], items: [7, 30] })
    const { users, items } = await readModelFolder(await savedFiles(parts), { weights: false })
    expect([users.indexOf('007'), users.indexOf('7'), items.indexOf(7)]).toEqual([0, 1, 0])
    expect(() => users.indexOf(7)).toThrow('type string')
    expect(() => items.indexOf('7')).toThrow('type number')
  })

  it('rejects a folder without a model', async () => {
    const folder = await temporaryFolder()
    await expect(readModelFolder(folder, { weights: false })).rejects.toThrow(
      `There is no model in ${folder}: it has no model.json`,
    )
    await expect(readModelFolder(join(folder, 'none'), { weights: false })).rejects.toThrow(
      'There is no model in',
    )
  })

  it.each([
    ['no JSON', '{"format":', 'not JSON'],
    ['null', 'null', 'is not a gnnrec model'],
    ['a list', '[]', 'is not a gnnrec model'],
    [
      'another format',
      '{"format":"layers-model"}',
      `'format' is "layers-model", expected 'gnnrec-model'`,
    ],
    [
      'a newer version',
      '{"format":"gnnrec-model","formatVersion":2}',
      /format version 2.*Upgrade @gnnrec\/serving/,
    ],
    ['a version that is none', '{"format":"gnnrec-model","formatVersion":"1"}', "'formatVersion'"],
    ['nothing but the format', '{"format":"gnnrec-model","formatVersion":1}', "'architecture'"],
  ])('rejects a model.json that holds %s', async (_, text, message) => {
    const said = await failure({ 'model.json': encode(text) })
    expect(said).toMatch(message)
    expect(said).toContain('model.json of the files in memory')
  })

  it.each<[string, (json: Json) => void]>([
    [
      "'kind': expected one of embeddings, item-similarity, user-similarity, spectral-filter, popularity, random; other kinds need a newer",
      (json) => (json.kind = 'oracle'),
    ],
    ["'score.similarity'", (json) => (json.score.similarity = 'euclid')],
    ["'score.scale'", (json) => (json.score.scale = null)],
    ["'counts.users'", (json) => (json.counts.users = -1)],
    ["'counts.embeddingDim'", (json) => (json.counts.embeddingDim = 0)],
    ["'idTypes.users'", (json) => (json.idTypes.users = 'bigint')],
    ["'files.serving'", (json) => delete json.files.serving],
    ["'files.ids.name'", (json) => (json.files.ids.name = '../../etc/passwd')],
    ["'files.ids.sha256'", (json) => (json.files.ids.sha256 = 'x')],
  ])('names the field %s of model.json that is wrong', async (field, change) => {
    expect(await failure(edit(await savedFiles(), change))).toContain(field)
  })

  it('reads a model.json without a digest', async () => {
    const { score } = await readModelFolder(
      edit(await savedFiles(), () => undefined),
      {
        weights: true,
      },
    )
    expect(score).toEqual(sampleParts(1).score)
  })

  it('reads a model.json that was written with other spaces', async () => {
    const files = await savedFiles()
    const compact = JSON.stringify(decode(files['model.json']))
    const { options } = await readModelFolder(
      { ...files, 'model.json': encode(compact) },
      { weights: true },
    )
    expect(options).toEqual(sampleParts(1).options)
  })

  it.each<[string, (json: Json) => void]>([
    ['the scale', (json) => (json.score.scale = 0)],
    ['the bias', (json) => (json.score.itemBias = false)],
    ['an option', (json) => (json.options.layers = 2)],
    ['an option of an option', (json) => (json.options.layerWeights[1] = 0.25)],
    ['the architecture', (json) => (json.architecture = 'light-gco')],
    ['the hash of the split', (json) => (json.splitHash = 'abd')],
    ['the version of the library', (json) => (json.libraryVersion = '9.9.9')],
  ])('notices a change of %s', async (_, change) => {
    const files = await savedFiles()
    const json = decode(files['model.json'])
    change(json)
    const text = JSON.stringify(json, undefined, 2)
    expect(await failure({ ...files, 'model.json': encode(text) })).toContain(
      'model.json of the files in memory is damaged or was changed by hand: the SHA-256',
    )
  })

  it('notices a flip of any bit of model.json that changes what it says', async () => {
    const files = await savedFiles()
    const bytes = files['model.json'] as Uint8Array
    const said = JSON.stringify(decode(bytes))
    let changed = 0
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] ^= 1 << (bit & 7)
      const outcome = await readModelFolder(
        { ...files, 'model.json': flipped },
        { weights: true },
      ).catch((error: unknown) => error)
      if (outcome instanceof SerializationError) changed++
      else expect(JSON.stringify(decode(flipped))).toBe(said)
    }
    expect(changed).toBeGreaterThan(7 * bytes.length)
  })

  it('keeps a digest that fits options of any form', async () => {
    const options = JSON.parse('{"10":[-0,1e21,0.1],"2":"\\ud800","é":null}')
    const files = await savedFiles({ ...sampleParts(1), options })
    const read = await readModelFolder(files, { weights: true })
    expect(JSON.stringify(read.options)).toBe(JSON.stringify(options))
  })

  it.each(['weights', 'serving', 'ids', 'seen'])(
    'names the %s file that is broken',
    async (role) => {
      const files = await savedFiles()
      const { name } = decode(files['model.json']).files[role]
      const bytes = files[name] as Uint8Array
      const changed = bytes.slice()
      changed[changed.length - 1] = (changed.at(-1) as number) ^ 1
      const { [name]: _, ...missing } = files
      expect(await failure(missing, true)).toContain(`${name} of the files in memory is missing`)
      expect(await failure({ ...files, [name]: bytes.slice(0, -1) }, true)).toContain(
        `${name} of the files in memory is truncated`,
      )
      expect(await failure({ ...files, [name]: changed }, true)).toContain(
        `${name} of the files in memory is damaged or foreign: its SHA-256`,
      )
    },
  )

  it('names the path of a file truncated on disk', async () => {
    const folder = await temporaryFolder()
    await writeModelFolder(folder, sampleParts(1))
    const name = (await readdir(folder)).find((name) => name.startsWith('serving-')) as string
    await truncate(join(folder, name), 20)
    await expect(readModelFolder(folder, { weights: false })).rejects.toThrow(
      `${name} of ${folder} is truncated: it has 20 bytes`,
    )
  })

  it('rejects a foreign file whose digest fits', async () => {
    const files = await replaceData(await savedFiles(), 'serving', encode('not a tensor in sight'))
    expect(await failure(files)).toMatch(/^serving-.*not a safetensors file/)
  })

  it.each<[string, () => Map<string, Json>, string]>([
    [
      'too few users',
      () => sampleParts(1).serving.set('users', { shape: [2, 2], data: new Float32Array(4) }),
      "'users' has the shape [2,2]; expected [3,2]",
    ],
    [
      'another width',
      () => sampleParts(1).serving.set('items', { shape: [4, 3], data: new Float32Array(12) }),
      "'items' has the shape [4,3]; expected [4,2]",
    ],
    [
      'another type',
      () => sampleParts(1).serving.set('items', { shape: [4, 2], data: new Float64Array(8) }),
      "'items' is a Float64Array; expected a Float32Array",
    ],
    [
      'no bias',
      () => new Map([...sampleParts(1).serving].filter(([name]) => name !== 'itemBias')),
      "'itemBias' is missing",
    ],
    [
      'a tensor too many',
      () => sampleParts(1).serving.set('extra', { shape: [0], data: new Float32Array() }),
      "'extra' is not expected",
    ],
  ])('rejects serving tensors with %s, on saving and on loading', async (_, serving, problem) => {
    const parts = { ...sampleParts(1), serving: serving() }
    const files: Files = {}
    await expect(writeModelFolder(files, parts)).rejects.toThrow(problem)
    expect(files).toEqual({})
    const changed = await replaceData(await savedFiles(), 'serving', encodeSafetensors(serving()))
    expect(await failure(changed)).toContain(problem)
  })

  it.each<[string, number[], number[], string]>([
    ['too few pointers', [0, 1, 1], [3], '3 users need 4'],
    ['pointers that do not start at 0', [1, 1, 1, 1], [3], 'expected 0 to 1'],
    ['pointers that end early', [0, 0, 0, 0], [3], 'expected 0 to 1'],
    ['descending pointers', [0, 2, 1, 2], [1, 3], "'pointers' descends after user index 1"],
    ['an item beyond the last', [0, 1, 1, 1], [4], 'the item index 4; expected 0..3'],
    ['a negative item', [0, 1, 1, 1], [-1], 'the item index -1'],
    ['a repeated item', [0, 2, 2, 2], [1, 1], 'not ascending and distinct'],
  ])(
    'rejects seen items with %s, on saving and on loading',
    async (_, pointers, items, problem) => {
      const seen = { pointers: Int32Array.from(pointers), items: Int32Array.from(items) }
      await expect(writeModelFolder({}, { ...sampleParts(1), seen })).rejects.toThrow(problem)
      const bytes = encodeSafetensors(
        new Map([
          ['pointers', { shape: [pointers.length], data: seen.pointers }],
          ['items', { shape: [items.length], data: seen.items }],
        ]),
      )
      expect(await failure(await replaceData(await savedFiles(), 'seen', bytes))).toContain(problem)
    },
  )

  it('rejects seen items of another type', async () => {
    const bytes = encodeSafetensors(
      new Map([['pointers', { shape: [1], data: new Float32Array(1) }]]),
    )
    expect(await failure(await replaceData(await savedFiles(), 'seen', bytes))).toContain(
      "'pointers' is a Float32Array; expected a Int32Array",
    )
  })

  it.each<[string, object, string]>([
    [
      'ids missing',
      { users: ['a', 'b', 'c'], items: [10] },
      "'items' holds 1 ids; model.json counts 4",
    ],
    [
      'another type',
      { users: ['a', 'b', 3], items: [1, 2, 3, 4] },
      "'users' holds 3 at index 2; expected a string",
    ],
    [
      'a fraction',
      { users: ['a', 'b', 'c'], items: [1, 2, 3, 4.5] },
      'holds 4.5 at index 3; expected a safe integer',
    ],
    [
      'a wrong order',
      { users: ['b', 'a', 'c'], items: [1, 2, 3, 4] },
      "'users' is not in ascending order at index 1",
    ],
    ['a repetition', { users: ['a', 'a', 'c'], items: [1, 2, 3, 4] }, 'not in ascending order'],
    ['no items', { users: ['a', 'b', 'c'] }, "'items'"],
  ])('rejects an id file with %s', async (_, content, problem) => {
    const bytes = encode(JSON.stringify(content))
    expect(await failure(await replaceData(await savedFiles(), 'ids', bytes))).toContain(problem)
  })

  it.each<[string, unknown, string]>([
    ['NaN', Number.NaN, 'NaN (number)'],
    ['infinity', [1, Number.POSITIVE_INFINITY], 'Infinity (number)'],
    ['a function', () => 1, '(function)'],
    ['a bigint', 1n, '1 (bigint)'],
    ['a typed array', Float32Array.of(1), '(object)'],
  ])('refuses an option that JSON cannot hold: %s', async (_, value, problem) => {
    const parts = { ...sampleParts(1), options: { layers: 2, odd: value } }
    await expect(writeModelFolder({}, parts)).rejects.toThrow(SerializationError)
    await expect(writeModelFolder({}, parts)).rejects.toThrow(problem)
  })

  it('rejects embeddings that say nothing of their dimension', async () => {
    const files = edit(await savedFiles(), (json) => delete json.counts.embeddingDim)
    expect(await failure(files)).toContain("need 'embeddingDim'")
  })

  it('reads id maps without ids', async () => {
    const parts = {
      ...sampleParts(1),
      kind: 'popularity' as const,
      score: { similarity: 'dot' as const, scale: 1, itemBias: false },
      serving: new Map([['scores', { shape: [0], data: new Float32Array() }]]),
      users: IdMap.from([]),
      items: IdMap.from([]),
      seen: { pointers: new Int32Array(1), items: new Int32Array() },
    }
    const read = await readModelFolder(await savedFiles(parts), { weights: true })
    expect([read.users.size, read.items.size]).toEqual([0, 0])
  })

  it('refuses to replace a damaged model.json', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'model.json'), '{')
    await expect(writeModelFolder(folder, sampleParts(1))).rejects.toThrow('Did not save')
  })
})
