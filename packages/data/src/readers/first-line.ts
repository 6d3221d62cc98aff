/** Returns the first line that is not empty, or at most 200 characters of it. */
export function firstLine(start: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(start)
  return (/[^\r\n]+/.exec(text)?.[0] ?? '').slice(0, 200)
}
