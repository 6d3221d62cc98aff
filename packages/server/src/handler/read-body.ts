import { ApiError } from './api-error.js'
import type { CheckedLimits } from './limits.js'
import { bodyTooLarge } from './parse-body.js'

/**
 * Reads the body of a request, and stops at the limits of size and time.
 *
 * @throws ApiError when a limit is passed or the body breaks off
 */
export async function readBody(
  { body }: Request,
  { bodyBytes, bodySeconds }: CheckedLimits,
): Promise<Uint8Array> {
  if (!body) return new Uint8Array(0)
  const reader = body.getReader()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ApiError('BODY_TOO_SLOW', `The body did not arrive within ${bodySeconds} seconds.`),
      )
    }, bodySeconds * 1000)
  })
  try {
    return await Promise.race([collect(reader, bodyBytes), late])
  } catch (error) {
    reader.cancel().catch(() => undefined)
    if (error instanceof ApiError) throw error
    throw new ApiError('INVALID_REQUEST', 'The body broke off.', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bodyBytes: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > bodyBytes) throw bodyTooLarge(bodyBytes)
    pieces.push(value)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
