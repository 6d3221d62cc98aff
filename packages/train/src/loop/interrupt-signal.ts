/**
 * Makes a signal that the first Ctrl-C (SIGINT) aborts. A second Ctrl-C ends the process as usual, and so does the
 * first one after `release`.
 *
 * @example
 * ```ts
 * import { interruptSignal } from '@gnnrec/train'
 *
 * const { signal, release } = interruptSignal()
 * signal.addEventListener('abort', () => console.log('Finishing the step at hand.'))
 * console.log(signal.aborted)
 * release()
 * ```
 */
export function interruptSignal(): { readonly signal: AbortSignal; release(): void } {
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
