/** Returns true for a text with half of a surrogate pair, which UTF-8 cannot hold. */
export function hasHalfPair(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}
