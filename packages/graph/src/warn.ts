import { printableMessage } from './printable-text.js'

/**
 * Tells whoever runs the program that something works otherwise than expected: by a warning of Node or, in
 * a page, on the console. Names in the message steer no terminal.
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
  const text = printableMessage(message)
  if (process?.emitWarning) process.emitWarning(text, 'GnnRecWarning')
  else console.warn(text)
}
