import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import fileSystem, { type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createSplit, fromRecords, type Split, selectRows } from '@gnnrec/graph'
import { FolderLock, sha256Hex } from '@gnnrec/graph/files'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  leaveLastOut,
  loadMovieTweetings,
  loadSplit,
  randomSplit,
  saveSplit,
  temporalSplit,
} from '../../src/index.js'
import { rowsOf, temporaryFolder } from '../support/index.js'

const table = fromRecords([
  { user: '007', item: 1, rating: 3.3, timestamp: 1.5 },
  { user: 'a,"b"\nc', item: 2, rating: 4, timestamp: 1260759144 },
  { user: 'Zoë', item: -7, rating: 0.1, timestamp: 3 },
  { user: 'Zoë', item: 1, rating: 0.1, timestamp: 4 },
  { user: 'Zoë', item: 2, rating: 1e-7, timestamp: 5e-324 },
])

/** Returns the path of the file of a part or of ids in the folder of a split. */
function fileOf(folder: string, name: string): string {
  const [file] = readdirSync(folder).filter((found) => found.startsWith(`${name}-`))
  return join(folder, file)
}

/** Returns the text of lists inside each other, a number of levels deep. */
function nested(levels: number): string {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`
}

describe('a saved split', () => {
  it('is loaded unchanged', async () => {
    const folder = join(temporaryFolder(), 'deep', 'split')
    const split = leaveLastOut(table)
    await saveSplit(split, folder)
    const loaded = await loadSplit(folder)
    expect(loaded).toEqual(split)
    expect(loaded.hash).toBe(split.hash)
    expect(loaded.train.users).toBe(loaded.test.users)
    expect(
      readdirSync(folder)
        .sort()
        .map((name) => name.replace(/[0-9a-f]{16}/, 'digest')),
    ).toEqual([
      'items-digest.json',
      'split.json',
      'test-digest.csv',
      'train-digest.csv',
      'users-digest.json',
      'validation-digest.csv',
    ])
    expect((await loadSplit(pathToFileURL(folder))).hash).toBe(split.hash)
  })

  it('keeps the ratings and times of each part', async () => {
    const folder = temporaryFolder()
    const { timestamp: _, ...train } = selectRows(table, [0, 1, 2])
    const { rating: __, ...test } = selectRows(table, [3, 4])
    const validation = selectRows(table, [])
    const split = createSplit({ train, validation, test, method: { name: 'by hand' } })
    await saveSplit(split, folder)
    expect(await loadSplit(folder)).toEqual(split)
  })

  it('keeps weights, of which splits without them have no trace', async () => {
    const folder = temporaryFolder()
    const weighted = { ...table, weight: Float32Array.of(1, 0.1, 1e-45, 3, 3.4e38) }
    const split = leaveLastOut(weighted)
    expect(split.hash).not.toBe(leaveLastOut(table).hash)
    await saveSplit(split, folder)
    expect(await loadSplit(folder)).toEqual(split)
    await saveSplit(leaveLastOut(table), folder, { overwrite: true })
    expect(readFileSync(join(folder, 'split.json'), 'utf8')).not.toContain('weight')
  })

  it('can be read by other programs', async () => {
    const folder = temporaryFolder()
    await saveSplit(leaveLastOut(table), folder)
    const { parts } = JSON.parse(readFileSync(join(folder, 'split.json'), 'utf8'))
    expect(readFileSync(join(folder, parts.train.file), 'utf8')).toBe(
      'user,item,rating,timestamp\n007,1,3.3,1.5\n"a,""b""\nc",2,4,1260759144\nZoë,2,1e-7,5e-324\n',
    )
    expect(JSON.parse(readFileSync(fileOf(folder, 'users'), 'utf8'))).toEqual(table.users.ids)
  })

  it('keeps any ids, ratings and times', async () => {
    const record = fc.record({
      user: fc.string({ minLength: 1, unit: 'grapheme' }),
      item: fc.integer(),
      rating: fc.float({ noNaN: true, noDefaultInfinity: true }),
      timestamp: fc.double({ noNaN: true, min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
    })
    const folder = temporaryFolder()
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1 }), async (records) => {
        const split = randomSplit(fromRecords(records))
        await saveSplit(split, folder, { overwrite: true })
        const loaded = await loadSplit(folder)
        expect(loaded.hash).toBe(split.hash)
        for (const part of ['train', 'validation', 'test'] as const) {
          // A file has the same text for -0 and 0.
          const plain = (rows: (string | number)[][]) =>
            rows.map((row) => row.map((value) => (value === 0 ? 0 : value)))
          expect(plain(rowsOf(loaded[part]))).toEqual(plain(rowsOf(split[part])))
        }
      }),
      { numRuns: 20 },
    )
  })

  it('keeps ids that no part has', async () => {
    const folder = temporaryFolder()
    const split = temporalSplit(table)
    const users = split.train.users
    await saveSplit(split, folder)
    expect((await loadSplit(folder)).train.users.ids).toEqual(users.ids)
  })

  it('keeps its hash (bundled data)', async () => {
    const folder = temporaryFolder()
    const split = temporalSplit((await loadMovieTweetings()).interactions)
    await saveSplit(split, folder)
    expect((await loadSplit(folder)).hash).toBe(split.hash)
  })

  it('is replaced only on request', async () => {
    const folder = temporaryFolder()
    await saveSplit(leaveLastOut(table), folder)
    const other = randomSplit(table, { seed: 5 })
    await expect(saveSplit(other, folder)).rejects.toThrow('already holds a split')
    expect((await loadSplit(folder)).method.name).toBe('leave-last-out')
    await saveSplit(other, folder, { overwrite: true })
    expect((await loadSplit(folder)).hash).toBe(other.hash)
  })

  it('is what it was before when a signal stops the one that replaces it', async () => {
    const folder = temporaryFolder()
    const old = leaveLastOut(table)
    await saveSplit(old, folder)
    const files = readdirSync(folder)
    const controller = new AbortController()
    const many = fromRecords(Array.from({ length: 20_000 }, (_, user) => ({ user, item: 1 })))
    const options = { overwrite: true, signal: controller.signal }
    const writing = saveSplit(randomSplit(many), folder, options)
    setImmediate(() => controller.abort(new Error('enough')))
    await expect(writing).rejects.toThrow('enough')
    expect((await loadSplit(folder)).hash).toBe(old.hash)
    expect(readdirSync(folder)).toEqual(files)
    const empty = temporaryFolder()
    await expect(saveSplit(old, empty, { signal: AbortSignal.abort() })).rejects.toThrow('abort')
    expect(readdirSync(empty)).toEqual([])
  })

  it('is refused when an id is an empty string', async () => {
    const split = randomSplit(fromRecords([{ user: '', item: 1 }]))
    await expect(saveSplit(split, temporaryFolder())).rejects.toThrow('An id is an empty string')
  })

  it.each([
    ['too long together', 'a'.repeat(600_000), 'b'.repeat(600_000)],
    ['not like text', '\0'.repeat(2000), 'b'],
  ])('is refused when ids are %s for a file that can be read again', async (_, user, item) => {
    const split = randomSplit(fromRecords([{ user, item }]), { ratios: [1, 0, 0] })
    const folder = temporaryFolder()
    await expect(saveSplit(split, folder)).rejects.toMatchObject({ code: 'INVALID_INTERACTIONS' })
    expect(readdirSync(folder)).toEqual([])
  })

  it('is refused when its settings are too large to be read again', async () => {
    const split = randomSplit(table)
    const settings = { long: 'a'.repeat(1 << 24) }
    const large = { ...split, method: { name: 'made', settings } }
    await expect(saveSplit(large, temporaryFolder())).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('more than 16760832 bytes'),
    })
  })

  it('is refused when its settings are too deep to be read again', async () => {
    const [deep, cyclic] = [JSON.parse(nested(61)), { inner: {} }]
    cyclic.inner = cyclic
    const split = randomSplit(table)
    const folder = temporaryFolder()
    const withSettings = (settings: Record<string, unknown>): Split => ({
      ...split,
      method: { name: 'made', settings },
    })
    await saveSplit(withSettings({ deep }), folder)
    expect((await loadSplit(folder)).method.settings).toEqual({ deep })
    for (const settings of [{ deeper: [deep] }, cyclic, { deep: JSON.parse(nested(100_000)) }]) {
      await expect(
        saveSplit(withSettings(settings), folder, { overwrite: true }),
      ).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
    }
  })

  it('fails when the folder cannot be created', async () => {
    const folder = join(temporaryFolder({ file: '' }), 'file', 'split')
    await expect(saveSplit(randomSplit(table), folder)).rejects.toMatchObject({ code: 'FILE_READ' })
  })
})

describe('arguments of saveSplit and loadSplit', () => {
  const split = leaveLastOut(table)

  it.each<[unknown, unknown, string]>([
    ['folder', split, 'got "folder" as the split, expected a Split. The split comes first'],
    [table, 'folder', 'got an InteractionTable as the split, expected a Split. Make one'],
    [undefined, 'folder', 'got undefined as the split'],
    [null, 'folder', 'got null as the split'],
    [{ train: table }, 'folder', 'got a value of type object as the split'],
    [split, undefined, 'got undefined as the folder, expected a path or a file: URL'],
    [split, '', 'got "" as the folder'],
    [split, 5, 'got a value of type number as the folder'],
    [split, 'a\0b', 'as the folder, expected a path'],
    [split, new URL('file://elsewhere/split'), 'as the folder, expected a path or a file: URL'],
    [split, new URL('https://example.org/split'), 'as the folder, expected a path or a file: URL'],
  ])('are named when they are wrong (%#)', async (first, second, message) => {
    await expect(saveSplit(first as Split, second as string)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    })
  })

  it.each<[unknown, string]>([
    [split, 'loadSplit got a split as the folder'],
    [undefined, 'loadSplit got undefined as the folder'],
  ])('are named by loadSplit (%#)', async (folder, message) => {
    await expect(loadSplit(folder as string)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    })
  })
})

describe('a split that is replaced', () => {
  const [old, other] = [leaveLastOut(table), randomSplit(table, { seed: 5 })]

  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Lets every call of the file system from the n-th on fail, as if the process had ended there. */
  function stopAt(stop: number): { readonly calls: () => number } {
    let calls = 0
    for (const name of ['mkdir', 'open', 'readdir', 'rename', 'rm', 'writeFile', 'link'] as const) {
      const original = fileSystem[name] as (...args: unknown[]) => Promise<unknown>
      vi.spyOn(fileSystem, name).mockImplementation((async (...args: unknown[]) => {
        calls++
        if (calls >= stop) throw Object.assign(new Error('stopped'), { syscall: name })
        return original(...args)
      }) as never)
    }
    return { calls: () => calls }
  }

  it('is the old or the new one wherever the saving stops, and the next saving tidies up', async () => {
    const outcomes = new Set<string>()
    const folder = temporaryFolder()
    await saveSplit(old, folder)
    for (let stop = 1; stop < 100; stop++) {
      const { calls } = stopAt(stop)
      await saveSplit(other, folder, { overwrite: true }).catch(() => undefined)
      const isDone = calls() < stop
      vi.restoreAllMocks()
      const { hash } = await loadSplit(folder)
      expect([old.hash, other.hash]).toContain(hash)
      outcomes.add(hash)
      // A process that has ended holds no lock, and its drafts of locks are swept; this one lives on.
      const locks = readdirSync(folder).filter((name) => name.startsWith('split.lock'))
      for (const name of locks) rmSync(join(folder, name))
      await saveSplit(old, folder, { overwrite: true })
      expect((await loadSplit(folder)).hash).toBe(old.hash)
      expect(readdirSync(folder)).toHaveLength(6)
      if (isDone) break
    }
    expect(outcomes.size).toBe(2)
  })

  it('is loaded as the new one when its files vanish while they are read', async () => {
    const folder = temporaryFolder()
    await saveSplit(old, folder)
    const open = fileSystem.open as (...args: unknown[]) => Promise<FileHandle>
    let isReplaced = false
    vi.spyOn(fileSystem, 'open').mockImplementation((async (...args: unknown[]) => {
      const handle = await open(...args)
      if (isReplaced || !String(args[0]).endsWith('split.json')) return handle
      isReplaced = true
      const close = handle.close.bind(handle)
      handle.close = async () => {
        await close()
        await saveSplit(other, folder, { overwrite: true })
      }
      return handle
    }) as never)
    expect((await loadSplit(folder)).hash).toBe(other.hash)
    expect(isReplaced).toBe(true)
  })

  it('is not written by two at once', async () => {
    const folder = temporaryFolder()
    const lock = await FolderLock.acquire(folder, { name: 'split.lock' })
    await expect(saveSplit(old, folder)).rejects.toMatchObject({ code: 'FOLDER_LOCKED' })
    await lock.release()
    await saveSplit(old, folder)
    expect(existsSync(join(folder, 'split.lock'))).toBe(false)
  })
})

describe('a damaged split', () => {
  const saved = async () => {
    const folder = temporaryFolder()
    await saveSplit(leaveLastOut(table), folder)
    return folder
  }

  /** Replaces a file beside `split.json`, in which size and digest are set right. */
  async function replaceRightly(folder: string, name: string, content: string): Promise<string> {
    const json = JSON.parse(readFileSync(join(folder, 'split.json'), 'utf8'))
    const entry = json.parts[name] ?? json.ids[name]
    entry.sha256 = await sha256Hex(content)
    entry.bytes = Buffer.byteLength(content)
    writeFileSync(join(folder, entry.file), content)
    writeFileSync(join(folder, 'split.json'), JSON.stringify(json))
    return join(folder, entry.file)
  }

  it.each([
    ['split.json', '{', 'expected JSON'],
    ['split.json', '', 'expected JSON'],
    ['split.json', '{}', 'was not written by saveSplit'],
    ['split.json', 'null', 'was not written by saveSplit'],
    ['split.json', '[]', 'was not written by saveSplit'],
    ['split.json', '{"format":"gnnrec-split","formatVersion":9}', 'Upgrade @gnnrec/data'],
    ['split.json', '{"format":"gnnrec-split","formatVersion":1}', 'Save it again'],
    ['split.json', '{"format":"gnnrec-split","formatVersion":2}', 'is damaged'],
    ['train', 'user,item,rating,timestamp\n007,2,3.3,1.5\n', 'bytes, expected'],
    ['users', '["a"]', 'bytes, expected'],
  ])('is an error that names the file (%s, %j)', async (name, content, message) => {
    const folder = await saved()
    const file = name === 'split.json' ? join(folder, name) : fileOf(folder, name)
    writeFileSync(file, content)
    await expect(loadSplit(folder)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      file,
      message: expect.stringContaining(message),
    })
  })

  it('is an error when a file has many lists inside each other', async () => {
    const folder = await saved()
    const file = join(folder, 'split.json')
    const tooDeep = { code: 'FILE_FORMAT', message: expect.stringContaining('more than 64 levels') }
    for (const levels of [65, 8000, 100_000]) {
      for (const text of [nested(levels), `{"format":${nested(levels - 1)}}`]) {
        writeFileSync(file, text)
        await expect(loadSplit(folder)).rejects.toMatchObject({ ...tooDeep, file })
      }
      const ids = await saved()
      const users = await replaceRightly(ids, 'users', `["007",${nested(levels - 1)},"b"]`)
      await expect(loadSplit(ids)).rejects.toMatchObject({ ...tooDeep, file: users })
    }
    writeFileSync(file, nested(64))
    await expect(loadSplit(folder)).rejects.toThrow('was not written by saveSplit')
  })

  it('is an error when a byte of a file has changed', async () => {
    for (const name of ['train', 'validation', 'test', 'users', 'items']) {
      const folder = await saved()
      const file = fileOf(folder, name)
      const bytes = readFileSync(file)
      bytes[bytes.length - 2] ^= 1
      writeFileSync(file, bytes)
      await expect(loadSplit(folder)).rejects.toMatchObject({
        code: 'FILE_FORMAT',
        file,
        message: expect.stringContaining('SHA-256'),
      })
    }
  })

  it.each([
    ['users', '{', 'expected JSON'],
    ['users', '{"0":"a"}', 'expected a JSON array of ids'],
    ['users', 'null', 'expected a JSON array of ids'],
    ['users', '["007"]', 'got 1 ids, expected 3'],
    ['users', '["007",5,"b"]', 'got the id 5, expected a string'],
    ['users', '["007",null,"b"]', 'got the id null, expected a string'],
    ['users', '["b","a","c"]', 'got the id "a", expected ascending ids'],
    ['users', '["a","a","b"]', 'got the id "a", expected ascending ids'],
    ['users', '["a","b","c"]', 'which the file of ids does not have'],
    ['items', '[-7,1,1e300]', 'got the id 1e+300, expected a safe integer'],
    ['items', '[-7,1,1.5]', 'got the id 1.5, expected a safe integer'],
    ['train', 'user,item,rating,timestamp\n007,1,3.3,1.5\n', 'got 1 rows, expected 3'],
    ['train', 'user,item\n007,1\n', 'no column "rating"'],
    ['train', 'user,item,rating,timestamp\n007,1,1e39,1.5\n', 'got the rating "1e39"'],
    ['train', 'user,item,rating,timestamp\n007,1,1,1e300\n', 'got the timestamp "1e300"'],
    ['train', '', 'the file is empty'],
    ['train', 'user,item,rating,timestamp\n007,x,1,1\n', 'got the item "x"'],
  ])('is an error with right digests, too (%s, %j)', async (name, content, message) => {
    const folder = await saved()
    const file = await replaceRightly(folder, name, content)
    await expect(loadSplit(folder)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      file: message.startsWith('which') ? expect.any(String) : file,
      message: expect.stringContaining(message),
    })
  })

  it('is an error with any field of split.json left out or of another type', async () => {
    const folder = await saved()
    const file = join(folder, 'split.json')
    const text = readFileSync(file, 'utf8')
    const paths = (value: unknown, path: string[] = []): string[][] =>
      value === null || typeof value !== 'object' || path.includes('settings')
        ? []
        : Object.entries(value).flatMap(([key, inner]) => [
            [...path, key],
            ...paths(inner, [...path, key]),
          ])
    for (const path of paths(JSON.parse(text)).filter((found) => !found.includes('settings'))) {
      for (const replacement of [undefined, null, -1, 1.5, 'x', [], {}, '../../etc/passwd', true]) {
        const json = JSON.parse(text)
        const holder = path.slice(0, -1).reduce((value, key) => value[key], json)
        const key = path.at(-1) as string
        if (typeof holder[key] === typeof replacement && typeof replacement === 'boolean') continue
        if (path.join('.') === 'method.name' && typeof replacement === 'string') continue
        holder[key] = replacement
        writeFileSync(file, JSON.stringify(json))
        await expect(loadSplit(folder), `${path.join('.')} ${replacement}`).rejects.toMatchObject({
          code: 'FILE_FORMAT',
        })
      }
    }
  })

  it('is an error when its hash differs', async () => {
    const folder = await saved()
    const file = join(folder, 'split.json')
    const json = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...json, hash: '0'.repeat(64) }))
    await expect(loadSplit(folder)).rejects.toThrow('they belong to another split')
  })

  it('is an error when a file is missing', async () => {
    const folder = await saved()
    const file = fileOf(folder, 'test')
    rmSync(file)
    await expect(loadSplit(folder)).rejects.toMatchObject({ code: 'FILE_READ', file })
  })

  it.skipIf(process.platform === 'win32')('is an error when a file never ends', async () => {
    for (const make of [
      (file: string) => symlinkSync('/dev/zero', file),
      (file: string) => execFileSync('mkfifo', [file]),
      (file: string) => mkdirSync(file),
    ]) {
      for (const name of ['split.json', 'train', 'users']) {
        const folder = await saved()
        const file = name === 'split.json' ? join(folder, name) : fileOf(folder, name)
        renameSync(file, `${file}.old`)
        make(file)
        await expect(loadSplit(folder)).rejects.toMatchObject({
          code: 'FILE_FORMAT',
          file,
          message: expect.stringContaining('expected a regular file'),
        })
      }
    }
  })
})
