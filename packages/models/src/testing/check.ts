/** Throws an error with the message, unless the condition holds. */
export function check(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new Error(typeof message === 'string' ? message : message())
}

/** Checks that two arrays hold the same bytes. */
export function checkSameBytes(found: Float32Array, expected: Float32Array, what: string): void {
  check(
    found.length === expected.length,
    `${what}: got ${found.length} numbers, expected ${expected.length}`,
  )
  const [left, right] = [bitsOf(found), bitsOf(expected)]
  const place = left.findIndex((bits, at) => bits !== right[at])
  check(
    place < 0,
    () => `${what}: number ${place} is ${found[place]}, expected ${expected[place]} to the bit`,
  )
}

/** Checks that all numbers are finite. */
export function checkFinite(values: ArrayLike<number>, what: string): void {
  for (let at = 0; at < values.length; at++) {
    check(Number.isFinite(values[at]), () => `${what}: number ${at} is ${values[at]}`)
  }
}

/** Checks that something throws, or rejects with, an error of a code whose message has all parts. */
export async function checkError(
  action: () => unknown,
  code: string,
  ...parts: string[]
): Promise<void> {
  let error: unknown
  try {
    await action()
  } catch (thrown) {
    error = thrown
  }
  check(error !== undefined, `expected an error with the code ${code}, but nothing was thrown`)
  const { code: found, message } = error as { code?: string; message?: string }
  check(found === code, `expected an error with the code ${code}, got ${found}: ${message}`)
  for (const part of parts) {
    check(message?.includes(part) === true, `the message '${message}' does not name ${part}`)
  }
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length)
}
