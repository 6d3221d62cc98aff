import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { type FileSource, readArrow, readCsv, readMovieLens, readParquet } from '../../src/index.js'
import { abortingAfter, rowsOf, temporaryFolder } from '../support/index.js'
import { zip } from '../support/zip.js'

const text = 'user,item\n1,10\n2,20\n'
const rows = [
  [1, 10],
  [2, 20],
]
const columns = { user: 'user', item: 'item' }
const read = async (source: FileSource) => rowsOf(await readCsv(source, { columns }))
const packed = zip([
  { name: 'set/', content: '', method: 0 },
  { name: 'set/ratings.csv', content: text },
  { name: 'set/été.txt', content: 'no table', method: 0 },
])

describe('a zip archive', () => {
  const path = () => join(temporaryFolder({ 'set.zip': packed }), 'set.zip')

  it.each<[string, () => FileSource]>([
    ['a path and an entry', () => ({ archive: path(), entry: 'set/ratings.csv' })],
    ['a URL and an entry', () => ({ archive: pathToFileURL(path()), entry: 'set/ratings.csv' })],
    ['bytes and an entry', () => ({ archive: packed, entry: 'set/ratings.csv' })],
    ['bytes with one file', () => zip([{ name: 'a.csv', content: text }])],
    ['a stored file', () => zip([{ name: 'a.csv', content: text, method: 0 }])],
    ['a gzip file inside', () => zip([{ name: 'a.csv.gz', content: gzipSync(text) }])],
    ['a file with a byte-order mark', () => zip([{ name: 'a.csv', content: `\uFEFF${text}` }])],
  ])('is read from %s', async (_, source) => {
    expect(await read(source())).toEqual(rows)
  })

  it('with several files asks for one of them', async () => {
    await expect(read(packed)).rejects.toMatchObject({
      code: 'FILE_READ',
      message:
        '(bytes) has 2 files; choose one with { archive, entry }. Its files: set/ratings.csv, set/été.txt.',
    })
  })

  it('without the wanted file lists its files', async () => {
    await expect(read({ archive: packed, entry: 'ratings.csv' })).rejects.toThrow(
      'has no file "ratings.csv". Its files: set/ratings.csv',
    )
  })

  it.each(['../ratings.csv', 'a/../../ratings.csv', '/etc/passwd', 'C:\\ratings.csv'])(
    'with the name %j is refused',
    async (name) => {
      const hostile = zip([
        { name: 'a.csv', content: text },
        { name, content: text },
      ])
      await expect(read({ archive: hostile, entry: 'a.csv' })).rejects.toMatchObject({
        code: 'FILE_READ',
        message: expect.stringMatching(/Cannot read the zip archive \(bytes\): .*path/),
      })
    },
  )

  const zeros = Buffer.alloc(20_000_000, '1,1\n')

  it('is refused before unpacking when it unpacks to a thousand times its size', async () => {
    const bomb = zip([{ name: 'a.csv', content: zeros }])
    expect(bomb.length * 900).toBeLessThan(zeros.length)
    await expect(read(bomb)).rejects.toMatchObject({
      code: 'FILE_READ',
      message: expect.stringContaining('as a decompression bomb does'),
    })
  })

  it('is refused while it is unpacked when its stated size is wrong', async () => {
    const bomb = zip([{ name: 'a.csv', content: zeros, statedSize: 1000 }])
    await expect(read(bomb)).rejects.toMatchObject({
      code: 'FILE_READ',
      message: expect.stringMatching(/too many bytes/),
    })
  })

  it.each([
    ['a wrong checksum', zip([{ name: 'a.csv', content: text, statedChecksum: 1 }]), 'checksum'],
    ['a password', zip([{ name: 'a.csv', content: text, isEncrypted: true }]), 'encrypted'],
    ['an unknown packing', zip([{ name: 'a.csv', content: text, method: 93 }]), 'compression'],
    ['its end cut off', packed.subarray(0, packed.length - 10), 'zip'],
    ['nothing in it', zip([]), 'has 0 files'],
  ])('throws an error with %s', async (_, source, message) => {
    await expect(read(source)).rejects.toMatchObject({
      code: 'FILE_READ',
      message: expect.stringContaining(message),
    })
  })

  it('cannot be read from a stream', async () => {
    async function* stream() {
      yield packed
    }
    await expect(read(stream())).rejects.toThrow('cannot be read from a stream')
  })
})

describe('a gzip file', () => {
  it('of several members is read to its end', async () => {
    const source = Buffer.concat([gzipSync('user,item\n1,10\n'), gzipSync('2,20\n')])
    expect(await read(source)).toEqual(rows)
  })

  it('is refused when it unpacks to a thousand times its size', async () => {
    const bomb = gzipSync(`user,item\n${'1,1\n'.repeat(10_000_000)}`)
    await expect(read(bomb)).rejects.toMatchObject({
      code: 'FILE_READ',
      message: expect.stringContaining('as a decompression bomb does'),
    })
  })

  it('throws an error wherever it is cut off', async () => {
    const lines = Array.from({ length: 20_000 }, (_, row) => `${row},${(row * 7919) % 1000}\n`)
    const whole = gzipSync(`user,item\n${lines.join('')}`)
    for (const length of [5, 11, 1000, whole.length - 9, whole.length - 1]) {
      await expect(read(whole.subarray(0, length)), `${length}`).rejects.toMatchObject({
        code: 'FILE_READ',
        message: expect.stringContaining('damaged or cut off'),
      })
    }
  })
})

describe('a stream', () => {
  it('of bytes or texts, in pieces of any size, is read', async () => {
    const bytes = new TextEncoder().encode('user,item\nZoë,10\n"a\r\nb",20\n')
    for (const source of [bytes, gzipSync(bytes)]) {
      for (const size of [1, 2, 3, 7, 1000]) {
        async function* pieces() {
          for (let at = 0; at < source.length; at += size) yield source.subarray(at, at + size)
        }
        expect(await read(pieces())).toEqual([
          ['Zoë', 10],
          ['a\r\nb', 20],
        ])
      }
    }
    async function* texts() {
      yield 'user,it'
      yield ''
      yield 'em\n1,10\n2,20'
    }
    expect(await read(texts())).toEqual(rows)
  })

  it('of Node is read', async () => {
    const file = join(temporaryFolder({ 'a.csv': text }), 'a.csv')
    expect(await read(createReadStream(file))).toEqual(rows)
  })

  it('of a Response is read', async () => {
    const { body } = new Response(text)
    expect(await read(body as unknown as AsyncIterable<Uint8Array>)).toEqual(rows)
  })

  it('passes its error on', async () => {
    async function* failing() {
      yield 'user,item\n1,10\n'
      throw new Error('the line is dead')
    }
    await expect(read(failing())).rejects.toThrow('the line is dead')
  })

  it('of anything else is refused', async () => {
    async function* numbers() {
      yield 5 as unknown as string
    }
    await expect(read(numbers())).rejects.toThrow('Got a piece of type number')
  })

  it('ends when the signal is aborted, even before its first piece', async () => {
    const controller = new AbortController()
    async function* hanging(): AsyncGenerator<string> {
      await new Promise(() => {})
    }
    const reading = readCsv(hanging(), { columns, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    const late = abortingAfter('user', new AbortController())
    const aborted = AbortSignal.abort(new Error('before'))
    await expect(readCsv(late, { columns, signal: aborted })).rejects.toThrow('before')
  })
})

describe.skipIf(process.platform !== 'linux')('a file', () => {
  const open = () => readdirSync('/proc/self/fd').length

  it.each([
    ['a table', text],
    ['no table', 'x'],
    ['a gzip file cut off', gzipSync(text).subarray(0, 25)],
    ['an archive', packed],
  ])('is closed after reading %s', async (_, content) => {
    const path = join(temporaryFolder({ file: content }), 'file')
    const attempt = () => read(path).catch(() => undefined)
    await attempt()
    const before = open()
    for (let count = 0; count < 20; count++) {
      await attempt()
      await readMovieLens(path).catch(() => undefined)
      await readArrow(path, { columns }).catch(() => undefined)
      await readParquet(path, { columns }).catch(() => undefined)
    }
    // Files are closed on another thread.
    await vi.waitFor(() => expect(open() - before).toBeLessThan(5), { timeout: 600_000 })
  })
})
