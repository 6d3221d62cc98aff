/** Returns the id that a request brings, when it is a plain word of at most 128 characters, or a new one. */
export function requestIdOf(header: string | null | undefined): string {
  return header && /^[\w.:-]{1,128}$/.test(header) ? header : crypto.randomUUID()
}
