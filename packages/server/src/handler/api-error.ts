import { GnnRecError } from '@gnnrec/graph'

/** The codes of errors that the API itself makes, and the status of each answer. */
const statuses = {
  INVALID_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_SLOW: 408,
  SWAP_REFUSED: 409,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  NOT_READY: 503,
  OVERLOADED: 503,
} as const

type ApiErrorCode = keyof typeof statuses

/** The status of errors of the library that a request can cause. */
const causedByRequest: Readonly<Record<string, number>> = {
  INVALID_OPTIONS: 400,
  UNKNOWN_ID: 404,
  NOT_SUPPORTED: 422,
}

/** Most characters of a message in an answer. */
const longestMessage = 2000

/** An error that a caller of the API is told of. */
export class ApiError extends GnnRecError<ApiErrorCode> {
  /** Headers of the answer, such as `allow`. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ApiErrorCode,
    message: string,
    { headers = {}, cause }: { headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(code, message, { cause })
    this.headers = headers
  }
}

/** The part of an error that is sent. */
export interface ToldError {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
}

/** Returns what a caller may know of an error; of faults of the server this is nothing but that there was one. */
export function toldError(error: unknown): ToldError {
  if (error instanceof ApiError) {
    const { code, message, headers } = error
    return { status: statuses[code], code, message: shortened(message), headers }
  }
  if (GnnRecError.isInstance(error) && causedByRequest[error.code] !== undefined) {
    const { code, message } = error
    return { status: causedByRequest[code], code, message: shortened(message), headers: {} }
  }
  return {
    status: 500,
    code: 'INTERNAL',
    message: 'The server failed to answer; its log tells more under the request id.',
    headers: {},
  }
}

function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)} …` : message
}
