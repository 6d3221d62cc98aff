/**
 * Tells whoever runs the program that something works otherwise than expected: by a warning of Node or, in
 * a page, on the console.
 */
export function warn(message: string): void {
  const { process, console } = globalThis
  if (process?.emitWarning) process.emitWarning(message, 'GnnRecWarning')
  else console.warn(message)
}
