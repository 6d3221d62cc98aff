/**
 * Lets timers, input and signals run before the caller goes on.
 *
 * @example
 * ```ts
 * import { yieldToEventLoop } from '@gnnrec/graph'
 *
 * let timerRan = false
 * setTimeout(() => {
 *   timerRan = true
 * })
 * while (!timerRan) await yieldToEventLoop()
 * console.log('The timer had its turn.')
 * ```
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve)
      return
    }
    // Browsers make nested timeouts wait 4 ms, which is longer than many a step.
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
