import { CallbackError, GnnRecError, InvalidOptionsError } from './errors.js'

/**
 * Calls a function of a user and waits for its end, so that an asynchronous one that fails does not end the process.
 *
 * @param name - name of the function for errors, as in `'onProgress'`
 * @throws CallbackError with the error of the function as its cause; errors of `@gnnrec` packages pass as they are
 *
 * @example
 * ```ts
 * import { awaitCallback } from '@gnnrec/graph/kernels'
 *
 * const onProgress = async (): Promise<void> => {
 *   throw new Error('The dashboard is away.')
 * }
 * await awaitCallback('onProgress', onProgress).catch((error: Error) => console.log(error.message))
 * ```
 */
export async function awaitCallback(name: string, call: () => unknown): Promise<void> {
  try {
    await call()
  } catch (cause) {
    if (GnnRecError.isInstance(cause)) throw cause
    throw new CallbackError(name, cause)
  }
}

/**
 * Returns the result of a function of a user where it is needed at once.
 *
 * @param name - name of the function for errors, as in `'schedule'`
 * @throws InvalidOptionsError when the function is asynchronous and has returned a promise
 *
 * @example
 * ```ts
 * import { refusePromise } from '@gnnrec/graph/kernels'
 *
 * console.log(refusePromise('schedule', 0.5))
 * try {
 *   refusePromise('schedule', Promise.resolve(0.5))
 * } catch (error) {
 *   console.log((error as Error).message)
 * }
 * ```
 */
export function refusePromise<Result>(name: string, result: Result): Result {
  const then = (result as PromiseLike<unknown> | null | undefined)?.then
  if (typeof then !== 'function') return result
  // Nobody waits for it, so that its failure must not end the process.
  Promise.resolve(result).catch(() => undefined)
  throw new InvalidOptionsError(
    `${name}: got an asynchronous function, which returns a promise; expected one that returns its result at once.`,
  )
}
