import { beforeEach, describe, expect, it, vi } from 'vitest'
import { readArrow, readParquet } from '../../src/index.js'

/** The program of the thread, in place of the decoders. */
const held = vi.hoisted(() => ({ work: '' }))

vi.mock('../../src/columnar/decoding-thread.js', () => ({
  decodingThread: () => ({
    program: `const { parentPort } = require('node:worker_threads')
parentPort.on('message', () => {
  parentPort.postMessage('alive')
  ${held.work}
})`,
    options: { eval: true, execArgv: [] },
  }),
}))

const bytes = Uint8Array.of(1, 2, 3)
const pair = { columns: { user: 'user', item: 'item' } }

beforeEach(() => {
  held.work = 'for (;;);'
})

describe('a decoder', () => {
  it('that does not end is ended', async () => {
    const reading = readParquet(bytes, { ...pair, maxDecodeSeconds: 1 })
    await expect(reading).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      file: '(bytes)',
      message: expect.stringContaining('decoding it takes longer than 1 seconds'),
    })
  })

  it('that shows signs of life may take longer than its time', async () => {
    held.work = `const timer = setInterval(() => parentPort.postMessage('alive'), 500)
setTimeout(() => {
  clearInterval(timer)
  parentPort.postMessage({ error: { code: 'FILE_READ', message: 'the end', file: 'a' } })
}, 2700)`
    await expect(readParquet(bytes, { ...pair, maxDecodeSeconds: 1 })).rejects.toThrow('the end')
  })

  it('is ended by the signal', async () => {
    const controller = new AbortController()
    const reading = readArrow(bytes, { ...pair, signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 100)
    await expect(reading).rejects.toThrow('enough')
    const early = new AbortController()
    const started = readArrow(bytes, { ...pair, signal: early.signal })
    early.abort(new Error('at once'))
    await expect(started).rejects.toThrow('at once')
    const aborted = readArrow(bytes, { ...pair, signal: AbortSignal.abort(new Error('before')) })
    await expect(aborted).rejects.toThrow('before')
  })

  it('that fills the memory is ended', async () => {
    held.work = 'const all = []; for (;;) all.push([1, 2, 3])'
    await expect(readParquet(bytes, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('takes more memory than a file of its size should'),
    })
  })

  it('that ends by itself is an error of the file', async () => {
    held.work = 'process.exit()'
    await expect(readParquet(bytes, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('the thread that decodes it has ended'),
    })
  })

  it.each([0, Number.NaN, Number.POSITIVE_INFINITY, '5'])('has no limit %j', async (limit) => {
    for (const option of ['maxRows', 'maxDecodeSeconds']) {
      await expect(readParquet(bytes, { ...pair, [option]: limit })).rejects.toMatchObject({
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining(option),
      })
    }
  })
})
