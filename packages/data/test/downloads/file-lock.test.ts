import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFile } from '../../src/downloads/file-lock.js'
import { temporaryFolder } from '../support/index.js'

const address = 'https://example.org/file.bin'
const patience = 300

const locked = (message: string) => ({
  code: 'DOWNLOAD',
  reason: 'locked',
  message: expect.stringContaining(message),
})

describe('lockFile', () => {
  it('refuses a file that a running process has locked', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, patience)
    await expect(lockFile(file, address, undefined, patience)).rejects.toMatchObject(
      locked(`another process is downloading it to ${file}`),
    )
    await lock.release()
    expect(existsSync(`${file}.lock`)).toBe(false)
  })

  it('waits for a file that is released soon', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, patience)
    const next = lockFile(file, address, undefined, 60_000)
    await lock.release()
    await (await next).release()
  })

  it('stops waiting when its signal is aborted', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, patience)
    const waiting = lockFile(file, address, AbortSignal.timeout(50), 60_000)
    await expect(waiting).rejects.toThrow('aborted')
    await lock.release()
  })
})
