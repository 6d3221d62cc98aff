/** A signal that Ctrl-C aborts, until it is released. */
export interface InterruptSignal {
  readonly signal: AbortSignal
  /** Stops listening. */
  release(): void
}

/** Listens for the first Ctrl-C; the second ends the process, as if nobody had listened. */
export function interruptSignal(): InterruptSignal {
  const controller = new AbortController()
  const interrupt = () => controller.abort(new Error('Interrupted (SIGINT).'))
  const process = globalThis.process
  // Node ends the process at a signal without listeners, and `once` removes this one.
  process?.once?.('SIGINT', interrupt)
  return {
    signal: controller.signal,
    release: () => process?.removeListener?.('SIGINT', interrupt),
  }
}
