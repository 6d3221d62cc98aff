import { expect, it } from 'vitest'
import { SharedWork } from '../src/shared-work.js'

const reason = new Error('no longer wanted')

/** Work that ends when it is told to, or with the reason of its signal. */
function madeWork() {
  const begun: { readonly signal: AbortSignal; end(result: number): void }[] = []
  const work = new SharedWork<number>(
    (signal) =>
      new Promise((resolve, reject) => {
        begun.push({ signal, end: resolve })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  )
  return { work, begun }
}

it('is done once for all who wait, and each has a signal of its own', async () => {
  const { work, begun } = madeWork()
  const [first, second] = [new AbortController(), new AbortController()]
  const waiting = [work.get(first.signal), work.get(second.signal), work.get()]
  first.abort(reason)
  await expect(waiting[0]).rejects.toBe(reason)
  expect(begun[0]?.signal.aborted).toBe(false)
  begun[0]?.end(7)
  expect(await Promise.all(waiting.slice(1))).toEqual([7, 7])
  second.abort(reason)
  expect(await work.get(second.signal)).toBe(7)
  expect(begun).toHaveLength(1)
})

it('ends when the last who waits gives up, and begins anew for the next', async () => {
  const { work, begun } = madeWork()
  const [first, second] = [new AbortController(), new AbortController()]
  const waiting = [work.get(first.signal), work.get(second.signal)]
  first.abort(new Error('mine'))
  second.abort(reason)
  await expect(waiting[0]).rejects.toThrow('mine')
  await expect(waiting[1]).rejects.toBe(reason)
  expect(begun[0]?.signal.aborted).toBe(true)
  const again = work.get()
  begun[1]?.end(3)
  expect(await again).toBe(3)
})

it('is not begun for someone whose signal is aborted already', async () => {
  const { work, begun } = madeWork()
  await expect(work.get(AbortSignal.abort(reason))).rejects.toBe(reason)
  expect(begun).toHaveLength(0)
  const waiting = work.get()
  await expect(work.get(AbortSignal.abort(reason))).rejects.toBe(reason)
  begun[0]?.end(5)
  expect(await waiting).toBe(5)
})

it('ends with a reason for all who wait when it is forgotten, and begins anew for the next', async () => {
  const { work, begun } = madeWork()
  work.forget(reason)
  const waiting = [work.get(), work.get(new AbortController().signal)]
  work.forget(reason)
  for (const result of await Promise.allSettled(waiting)) {
    expect(result).toEqual({ status: 'rejected', reason })
  }
  const again = work.get()
  begun[1]?.end(3)
  expect(await again).toBe(3)
  work.forget(new Error('too late'))
  expect(begun[1]?.signal.aborted).toBe(false)
})

it('begins anew after a failure, which all who waited get', async () => {
  let tries = 0
  const work = new SharedWork(async () => {
    if (tries++ === 0) throw reason
    return tries
  })
  const failed = await Promise.allSettled([work.get(), work.get(new AbortController().signal)])
  expect(failed).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
  ])
  expect(await work.get()).toBe(2)
})
