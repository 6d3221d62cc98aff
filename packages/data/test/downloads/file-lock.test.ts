import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFile } from '../../src/downloads/file-lock.js'
import { temporaryFolder } from '../support/index.js'

const address = 'https://example.org/file.bin'
const long = () => AbortSignal.timeout(60_000)

describe('lockFile', () => {
  it('refuses a file that a running process has locked, and names the process', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, long())
    const error = await lockFile(file, address, undefined, AbortSignal.timeout(300)).catch(
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({ code: 'DOWNLOAD', reason: 'locked' })
    const { message } = error as Error
    expect(message).toContain(`another process is downloading it to ${file}`)
    expect(message).toContain(`process ${process.pid} on`)
    await lock.release()
    expect(existsSync(`${file}.lock`)).toBe(false)
  })

  it('waits for a file that is released soon', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, long())
    const next = lockFile(file, address, undefined, long())
    await lock.release()
    await (await next).release()
  })

  it('stops waiting with the reason of its signal', async () => {
    const file = join(temporaryFolder(), 'file.bin')
    const lock = await lockFile(file, address, undefined, long())
    const controller = new AbortController()
    const waiting = lockFile(file, address, controller.signal, long())
    controller.abort(new Error('no longer wanted'))
    await expect(waiting).rejects.toThrow('no longer wanted')
    await lock.release()
  })
})
