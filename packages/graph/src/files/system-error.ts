/**
 * Tells an error of the operating system, such as a full disk or a missing folder, from a mistake in
 * the program and from the errors that `@gnnrec` packages throw.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { isSystemError } from '@gnnrec/graph/files'
 *
 * const error = await readFile('/no/such/file').catch((cause: unknown) => cause)
 * console.log(isSystemError(error), isSystemError(new TypeError('a mistake'))) // true false
 * ```
 */
export function isSystemError(error: unknown): error is Error & { readonly code?: string } {
  return error instanceof Error && 'syscall' in error
}
