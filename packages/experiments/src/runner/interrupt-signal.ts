/** Makes a signal that Ctrl-C aborts, until it is released; a second Ctrl-C ends the process. */
export function interruptSignal(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const interrupt = () => controller.abort(new Error('Interrupted (SIGINT).'))
  process.once('SIGINT', interrupt)
  return {
    signal: controller.signal,
    release: () => process.removeListener('SIGINT', interrupt),
  }
}
