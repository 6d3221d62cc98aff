/**
 * Tells whoever runs the program that something works otherwise than expected: by a warning of Node or, in
 * a page, on the console.
 *
 * @example
 * ```ts
 * import { warn } from '@gnnrec/graph/kernels'
 *
 * const said = new Promise<Error>((resolve) => process.once('warning', resolve))
 * warn('The kernels compute on one thread.')
 * console.log((await said).message)
 * ```
 */
export function warn(message: string): void {
  const { process, console } = globalThis
  if (process?.emitWarning) process.emitWarning(message, 'GnnRecWarning')
  else console.warn(message)
}
