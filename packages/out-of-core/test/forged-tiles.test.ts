import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { fromColumns, interactionLists } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { BlockFileError, OutOfCoreFilter } from '@gnnrec/out-of-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
const path = join(folder, 'graph', 'to-users.tiles')
const headerBytes = 4096
const mark = 'GNNRECB1'

// User 0 has all three items, user 1 has item 2.
const table = fromColumns({ user: [0, 0, 0, 1], item: [0, 1, 2, 2] })

async function open(): Promise<string> {
  const filter = await OutOfCoreFilter.open({
    userCount: 2,
    itemCount: 3,
    interactions: interactionLists(table),
    embeddingDim: 4,
    folder,
    maxMemory: 10_000_000,
  })
  filter.close()
  return 'opened'
}

/** Header and content of the file, to be changed. */
interface Parts {
  header: Record<string, unknown>
  /** Row pointers 0, 3, 4; columns 0, 1, 2, 2; four values; then the index of the one chunk. */
  content: Buffer
}

/** Changes the file, and puts its size and digest right again. */
function forge(change: (parts: Parts) => void): void {
  const bytes = fs.readFileSync(path)
  const text = bytes.subarray(mark.length, headerBytes).toString('utf8')
  const parts: Parts = { header: JSON.parse(text), content: bytes.subarray(headerBytes) }
  parts.header['sha256'] = ''
  delete parts.header['bytes']
  change(parts)
  const { header, content } = parts
  header['bytes'] ??= content.length
  if (header['sha256'] === '') {
    header['sha256'] = createHash('sha256').update(content).digest('hex')
  }
  const start = Buffer.from(`${mark}${JSON.stringify(header)}`.padEnd(headerBytes))
  fs.writeFileSync(path, Buffer.concat([start, content]))
}

const columnsAt = 12
const valuesAt = columnsAt + 16
const indexAt = valuesAt + 16

beforeAll(() => useBackend('simd', { threads: 1 }))
beforeEach(async () => {
  fs.rmSync(folder, { recursive: true, force: true })
  await open()
})

describe('a file of tiles with the right digest', () => {
  it('is opened when nothing is changed', async () => {
    forge(() => undefined)
    expect(await open()).toBe('opened')
  })

  it.each<[string, (parts: Parts) => void]>([
    ['no number of chunks', ({ header }) => delete (header['details'] as Details).chunkCount],
    ['too many chunks', ({ header }) => ((header['details'] as Details).chunkCount = 1e9)],
    ['no chunks', ({ header }) => ((header['details'] as Details).chunkCount = 0)],
    ['an extra field', ({ header }) => Object.assign(header, { extra: 1 })],
    ['no identity', ({ header }) => delete header['identity']],
    ['a size that is text', ({ header, content }) => (header['bytes'] = String(content.length))],
    ['a row block beyond the last', ({ content }) => content.writeDoubleLE(7, indexAt)],
    ['a column block beyond the last', ({ content }) => content.writeDoubleLE(1, indexAt + 8)],
    ['a first row that is NaN', ({ content }) => content.writeDoubleLE(Number.NaN, indexAt + 16)],
    ['too many rows', ({ content }) => content.writeDoubleLE(2 ** 31, indexAt + 24)],
    ['a negative number of entries', ({ content }) => content.writeDoubleLE(-1, indexAt + 32)],
    ['another offset', ({ content }) => content.writeDoubleLE(4, indexAt + 40)],
    ['row pointers beyond the entries', ({ content }) => content.writeInt32LE(5, 4)],
    ['row pointers that fall', ({ content }) => content.writeInt32LE(-1, 4)],
    ['a column beyond the last', ({ content }) => content.writeInt32LE(3, columnsAt + 8)],
    ['a negative column', ({ content }) => content.writeInt32LE(-4, columnsAt)],
    ['a repeated column', ({ content }) => content.writeInt32LE(0, columnsAt + 4)],
    ['a value that is NaN', ({ content }) => content.writeFloatLE(Number.NaN, valuesAt)],
  ])('is refused with %s', async (_, change) => {
    forge(change)
    const error = await open().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(BlockFileError)
  })

  it.each([{}, { details: 'x' }, { details: null }, { details: { shape: { rows: 2 } } }])(
    'is made anew when its layout is not told: %o',
    async (details) => {
      const sound = fs.readFileSync(path)
      forge(({ header }) => {
        delete header['details']
        Object.assign(header, details)
      })
      expect(await open()).toBe('opened')
      expect(fs.readFileSync(path)).toEqual(sound)
    },
  )

  it('is not written through a link in the place of its draft', async () => {
    fs.rmSync(path)
    const elsewhere = join(folder, 'elsewhere')
    fs.writeFileSync(elsewhere, 'a file of somebody')
    fs.symlinkSync(elsewhere, `${path}.tmp`)
    expect(await open()).toBe('opened')
    expect(fs.readFileSync(elsewhere, 'utf8')).toBe('a file of somebody')
    expect(fs.lstatSync(path).isSymbolicLink()).toBe(false)
  })

  it('is refused when a folder or a pipe is in its place', async () => {
    fs.rmSync(path)
    fs.mkdirSync(path)
    await expect(open()).rejects.toThrow(BlockFileError)
    if (process.platform === 'win32') return
    fs.rmSync(path, { recursive: true })
    process.getBuiltinModule('node:child_process').execFileSync('mkfifo', [path])
    await expect(open()).rejects.toThrow(/no regular file/)
  })
})

interface Details {
  chunkCount?: number
}
