import { isDeeperThan } from '@gnnrec/graph/files'
import { ApiError } from './api-error.js'
import type { CheckedLimits } from './limits.js'

/**
 * Decodes the JSON of a body.
 *
 * @throws ApiError when it is not said to be JSON, is too large or too deep, or is no JSON in UTF-8
 */
export function parseBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  { bodyBytes, bodyLevels }: CheckedLimits,
): unknown {
  // Pages of other origins can send forms and text without being asked, but no JSON.
  if (!/^application\/json *(;|$)/i.test(contentType ?? '')) {
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', "Send JSON with 'content-type: application/json'.")
  }
  if (bytes.length > bodyBytes) throw bodyTooLarge(bodyBytes)
  const value = parseJson(bytes)
  if (isDeeperThan(value, bodyLevels)) {
    throw new ApiError('INVALID_REQUEST', `The body has more than ${bodyLevels} levels.`)
  }
  return value
}

/** Makes the error of a body with too many bytes. */
export function bodyTooLarge(bodyBytes: number): ApiError {
  return new ApiError('BODY_TOO_LARGE', `The body has more than ${bodyBytes} bytes.`)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ApiError('INVALID_REQUEST', 'The body is not JSON in UTF-8.', { cause })
  }
}
