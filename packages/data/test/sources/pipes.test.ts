import { execFileSync } from 'node:child_process'
import { closeSync, openSync, symlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DuckDb } from '../../src/duckdb.js'
import { readArrow, readCsv, readParquet } from '../../src/index.js'
import { piecesOfFile } from '../../src/sources/read-pieces.js'
import { temporaryFolder } from '../support/index.js'

const options = { columns: { user: 'user', item: 'item' } }

function pipe(): string {
  const path = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [path])
  return path
}

/** Opens a pipe for writing without waiting for a reader. */
function writer(path: string): { write(text: string): void; close(): void } {
  const file = openSync(path, 'r+')
  let isOpen = true
  const close = (): void => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  onTestFinished(close)
  return { write: (text) => void writeSync(file, text), close }
}

describe.skipIf(process.platform === 'win32')('an endless device', () => {
  it('is refused by readers that need the whole file', async () => {
    const path = join(temporaryFolder(), 'endless')
    symlinkSync('/dev/zero', path)
    const database = await DuckDb.open()
    onTestFinished(() => database.close())
    for (const source of [path, pipe()]) {
      const reading = database.readParquet(source, options)
      await expect(reading).rejects.toMatchObject({ code: 'FILE_READ' })
    }
    await expect(readParquet(path, options)).rejects.toMatchObject({
      code: 'FILE_READ',
      message: `Cannot read ${path}: it is a device or socket. Copy it to a file.`,
    })
  })
})

describe.skipIf(process.platform === 'win32')('a named pipe', () => {
  it('is an error while nobody writes into it', async () => {
    const path = pipe()
    for (const read of [readCsv, readParquet, readArrow]) {
      await expect(read(path, options)).rejects.toMatchObject({
        code: 'FILE_READ',
        message: `Cannot read ${path}: it is a pipe into which nobody writes. Start its writer first.`,
      })
    }
    await expect(readCsv({ archive: path, entry: 'a' }, options)).rejects.toMatchObject({
      code: 'FILE_READ',
      message: expect.stringContaining('is not a regular file'),
    })
  })

  it('is read until its writer closes it', async () => {
    const path = pipe()
    const { write, close } = writer(path)
    write('user,item\n')
    const pieces = piecesOfFile(path)
    const texts: string[] = []
    for await (const piece of pieces) {
      texts.push(Buffer.from(piece).toString())
      if (texts.length === 1) write('1,2\n')
      else close()
    }
    expect(texts).toEqual(['user,item\n', '1,2\n'])
  })

  it('is left when the signal is aborted', async () => {
    const path = pipe()
    writer(path)
    for (const read of [readCsv, readParquet]) {
      const controller = new AbortController()
      const reading = read(path, { ...options, signal: controller.signal })
      setTimeout(() => controller.abort(new Error('enough')), 50)
      await expect(reading).rejects.toThrow('enough')
    }
  })
})
