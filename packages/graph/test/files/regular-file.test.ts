import { execFileSync } from 'node:child_process'
import { appendFile, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { RegularFile, readRegularFile } from '../../src/files.js'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnnrec-files-'))
  path = join(folder, 'file')
})
afterEach(() => rm(folder, { recursive: true }))

const onUnix = process.platform !== 'win32'

describe('a regular file', () => {
  it('is read up to the number of bytes asked for', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at)
    await writeFile(path, bytes)
    const file = await RegularFile.open(path)
    onTestFinished(() => file.close())
    expect(file.size).toBe(1000)
    expect(await file.read(1000)).toEqual(bytes)
    expect(await file.read(2000)).toEqual(bytes)
    expect(await file.read(10)).toEqual(bytes.subarray(0, 10))
    const piece = new Uint8Array(10)
    expect(await file.readAt(500, piece)).toBe(10)
    expect(piece).toEqual(bytes.subarray(500, 510))
    expect(await file.readAt(993, piece)).toBe(7)
    expect(await file.readAt(1000, piece)).toBe(0)
    expect(await file.readAt(2000, piece)).toBe(0)
  })

  it('is read though the system cannot close it', async () => {
    await writeFile(path, 'text')
    const fs = process.getBuiltinModule('node:fs/promises')
    const { open: openFile } = fs
    vi.spyOn(fs, 'open').mockImplementation((async (...values: Parameters<typeof openFile>) => {
      const handle = await openFile(...values)
      const close = handle.close.bind(handle)
      handle.close = async () => {
        await close()
        throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'close' })
      }
      return handle
    }) as never)
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    expect(await readRegularFile(path, { mostBytes: 4 })).toEqual(new TextEncoder().encode('text'))
    await expect(readRegularFile(path, { mostBytes: 3 })).rejects.toThrow('more than 3')
    await expect(readRegularFile(folder, { mostBytes: 3 })).rejects.toThrow('it is a folder')
  })

  it('is read in pieces of less than 2 GiB, which one call of the system can read', async () => {
    const size = 2 ** 27 + 5
    const handle = await open(path, 'w')
    for (const at of [0, 2 ** 26 - 1, 2 ** 26, size - 1]) await handle.write('x', at)
    await handle.close()
    const spy = vi.spyOn(Object.getPrototypeOf(handle), 'read')
    onTestFinished(() => spy.mockRestore())
    const bytes = await readRegularFile(path, { mostBytes: size })
    expect(spy).toHaveBeenCalledTimes(3)
    const places: number[] = []
    for (let at = bytes.indexOf(120); at >= 0; at = bytes.indexOf(120, at + 1)) places.push(at)
    expect(places).toEqual([0, 2 ** 26 - 1, 2 ** 26, size - 1])
  })

  it('is read as far as it went when it was opened', async () => {
    await writeFile(path, 'a,1\n')
    const file = await RegularFile.open(path)
    onTestFinished(() => file.close())
    await appendFile(path, 'b,2\n')
    expect((await file.read(100)).length).toBe(4)
    await truncate(path, 2)
    expect((await file.read(100)).length).toBe(2)
  })

  it('is not read when it has more bytes than allowed', async () => {
    await writeFile(path, '12345')
    expect((await readRegularFile(path, { mostBytes: 5 })).length).toBe(5)
    // A sparse file, which takes no place on the disk; reading it would take as much memory.
    await truncate(path, 2 ** 40)
    const error = { code: 'FILE_TOO_LARGE', message: 'it has 1099511627776 bytes, more than 5' }
    await expect(readRegularFile(path, { mostBytes: 5 })).rejects.toMatchObject(error)
  })

  it('is not read further once the signal is aborted', async () => {
    await writeFile(path, '')
    await truncate(path, 2 ** 27)
    const reason = new Error('no longer wanted')
    const options = { mostBytes: 2 ** 30, signal: AbortSignal.abort(reason) }
    await expect(readRegularFile(path, options)).rejects.toBe(reason)
    const file = await RegularFile.open(path)
    onTestFinished(() => file.close())
    const controller = new AbortController()
    const reading = file.read(2 ** 30, controller.signal)
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})

describe('what is no regular file', () => {
  const makers: Record<string, () => Promise<unknown> | unknown> = {
    pipe: () => execFileSync('mkfifo', [path]),
    device: () => symlink('/dev/zero', path),
    folder: () => symlink('.', path),
    socket: () => {
      const server = createServer()
      onTestFinished(() => void server.close())
      return new Promise<void>((listening) => server.listen(path, listening))
    },
  }
  it.skipIf(!onUnix).each(Object.keys(makers))('is not opened, such as a %s', async (kind) => {
    await makers[kind]()
    const error = {
      code: 'NOT_A_REGULAR_FILE',
      message: expect.stringMatching(/^(it is no regular file; |EISDIR: it is a folder)/),
    }
    await expect(RegularFile.open(path)).rejects.toMatchObject(error)
  })

  it('is no file at all, which is an error of the system', async () => {
    await expect(RegularFile.open(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

it.skipIf(process.platform !== 'linux')(
  'a file without a size is not read without end',
  async () => {
    expect(await readRegularFile('/proc/self/pagemap', { mostBytes: 2 ** 20 })).toHaveLength(0)
  },
)
