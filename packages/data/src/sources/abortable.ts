/**
 * Yields the pieces of a source until the signal is aborted, even while the next piece never comes.
 *
 * @throws the signal's reason when the signal is aborted
 */
export async function* abortable<T>(
  pieces: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator = pieces[Symbol.asyncIterator]()
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
  // Without a handler, a rejection that nobody awaits would end the process.
  aborted.catch(() => {})
  let isDone = false
  try {
    signal?.throwIfAborted()
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next.done) {
        isDone = true
        return
      }
      yield next.value
      signal?.throwIfAborted()
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // This is not awaited, because a generator that hangs cannot return either.
    if (!isDone) iterator.return?.()?.then(undefined, () => {})
  }
}
