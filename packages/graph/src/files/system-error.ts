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

/**
 * Returns true for an error of the file system that says that the disk is full or the quota is used up.
 *
 * @example
 * ```ts
 * import { isDiskFull } from '@gnnrec/graph/files'
 *
 * const error = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
 * console.log(isDiskFull(error), isDiskFull(new Error('a mistake'))) // true false
 * ```
 */
export function isDiskFull(error: unknown): boolean {
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return true
  // Node.js has no name for a quota that is used up: it says 'Unknown system error -122'.
  const quota = globalThis.process?.getBuiltinModule?.('node:os').constants.errno.EDQUOT
  return errno !== undefined && quota !== undefined && errno === -quota
}
