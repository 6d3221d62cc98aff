/**
 * The pieces of a source until the signal ends them, also while a piece that never comes is awaited.
 *
 * @throws the signal's reason
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
  // It may be rejected when nobody waits for it.
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
    // Not awaited: a generator that hangs cannot return either.
    if (!isDone) iterator.return?.()?.then(undefined, () => {})
  }
}
