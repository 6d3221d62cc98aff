import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFile } from '../../src/downloads/file-lock.js'
import { temporaryFolder } from '../support/index.js'

const address = 'https://example.org/file.bin'
const stale = 2000

const locked = (message: string) => ({
  code: 'DOWNLOAD',
  reason: 'locked',
  message: expect.stringContaining(message),
})

describe('lockFile', () => {
  it('refuses a file whose lock is still renewed', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, stale)
    await expect(lockFile(file, address, undefined, stale)).rejects.toMatchObject(
      locked(`another process is downloading it to ${file}`),
    )
    await lock.release()
    expect(existsSync(`${file}.lock`)).toBe(false)
  })

  it('waits for a file that is released soon', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, stale)
    const next = lockFile(file, address, undefined, stale)
    await lock.release()
    await (await next).release()
  })

  it('stops waiting when its signal is aborted', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, stale)
    const waiting = lockFile(file, address, AbortSignal.timeout(50), stale)
    await expect(waiting).rejects.toThrow('aborted')
    await lock.release()
  })

  it('reports that another process took the lock', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, stale)
    rmSync(`${file}.lock`, { recursive: true })
    await new Promise((resolve) => lock.lost.addEventListener('abort', resolve))
    expect(lock.lost.reason).toMatchObject(locked('another process took over the lock'))
    await lock.release()
  })
})
