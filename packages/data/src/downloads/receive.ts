import { GnnRecError } from '@gnnrec/graph'
import { isSystemError } from '@gnnrec/graph/files'
import { DownloadError, type DownloadFailure } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import { longestTimer } from './download-options.js'
import type { PartialFile } from './partial-file.js'

/** The settings of one attempt. */
export interface ReceiveSettings {
  readonly address: string
  readonly maxBytes: number
  readonly stallSeconds: number
  /** True when a checksum is known. Then bytes of an unknown version may be continued, because a mix is found out. */
  readonly hasChecksum: boolean
  readonly signal: AbortSignal | undefined
  readonly onBytes: (bytes: number, totalBytes: number | undefined) => unknown
}

/** A connection that brings fewer bytes than this in `stallSeconds` counts as stalled. */
const minBytes = 1024

/** A failed attempt that may succeed when it is repeated. */
export class TransientFailure extends Error {
  readonly reason: DownloadFailure

  constructor(reason: DownloadFailure, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.reason = reason
  }
}

/**
 * Requests the missing bytes of a file and appends them to the partial file.
 *
 * @throws TransientFailure when another attempt may succeed
 * @throws DownloadError when it cannot
 * @throws the signal's reason when the signal is aborted
 */
export async function receive(partial: PartialFile, settings: ReceiveSettings): Promise<void> {
  const { address, signal, stallSeconds, hasChecksum } = settings
  const stall = new AbortController()
  let inWindow = 0
  const timer = setInterval(
    () => {
      if (inWindow < minBytes) stall.abort()
      inWindow = 0
    },
    Math.min(stallSeconds * 1000, longestTimer),
  )
  const state = await partial.state()
  const mayContinue = state.validator !== undefined || hasChecksum
  const start = mayContinue ? state.bytes : 0
  try {
    const answer = await fetch(address, {
      headers: {
        // Compression on the way would make byte counts and ranges mean something else.
        'accept-encoding': 'identity',
        ...(start > 0 && { range: `bytes=${start}-` }),
        ...(start > 0 && state.validator && { 'if-range': state.validator }),
      },
      signal: AbortSignal.any([stall.signal, ...(signal ? [signal] : [])]),
    })
    const range = await checkAnswer(answer, start, partial, settings)
    if (answer.body === null) throw new TransientFailure('cut', 'the answer is empty')
    await append(answer.body, partial, range, settings, (bytes) => {
      inWindow += bytes
    })
  } catch (error) {
    signal?.throwIfAborted()
    if (stall.signal.aborted) {
      const message = `less than ${minBytes} bytes arrived in ${stallSeconds} seconds`
      throw new TransientFailure('stalled', message, { cause: error })
    }
    throw asFailure(error, address)
  } finally {
    clearInterval(timer)
    stall.abort()
  }
}

interface AnswerRange {
  /** Position of the first byte of the answer in the file. */
  readonly start: number
  /** Length of the whole file in bytes. Undefined when the server does not say it. */
  readonly total: number | undefined
}

async function checkAnswer(
  { status, statusText, headers }: Response,
  wanted: number,
  partial: PartialFile,
  { address, hasChecksum }: ReceiveSettings,
): Promise<AnswerRange> {
  const length = headers.get('content-length')
  const isEndKnown = length !== null || headers.get('transfer-encoding') !== null
  if ((status === 200 || status === 206) && !isEndKnown && !hasChecksum) {
    throw new DownloadError(
      address,
      'unknown-length',
      'the server does not say how long the file is, so a connection that is cut looks like its end. Give the sha256 or md5 of the file, or fetch it by hand.',
    )
  }
  if (status === 206) {
    const [, start, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? []
    const { validator } = await partial.state()
    // Some servers ignore the header if-range and send the rest of another version.
    const found = validatorOf(headers)
    const isOther = found !== undefined && validator !== undefined && found !== validator
    if (Number(start) !== wanted || isOther) {
      await partial.discard()
      const message = isOther
        ? 'the file has changed on the server'
        : 'the server sent another range than the requested one'
      throw new TransientFailure('cut', message)
    }
    return { start: wanted, total: total === '*' ? undefined : Number(total) }
  }
  if (status === 200) {
    await partial.discard()
    await partial.note(validatorOf(headers))
    const encoding = headers.get('content-encoding') ?? 'identity'
    // When the server compresses the answer anyway, its length is not the length of the file.
    const isFileLength = length !== null && encoding === 'identity'
    return { start: 0, total: isFileLength ? Number(length) : undefined }
  }
  if (status === 416) {
    await partial.discard()
    throw new TransientFailure('cut', "the server's file is shorter than the bytes on disk")
  }
  const text = `the server answered ${status} ${statusText}`.trimEnd()
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    throw new TransientFailure('status', text)
  }
  throw new DownloadError(
    address,
    'status',
    `${text}. Check the address, or fetch the file by hand.`,
  )
}

/** Returns the server's mark of a version of the file: a strong ETag, or else its date. */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag')
  const isStrong = etag !== null && !etag.startsWith('W/')
  return (isStrong ? etag : headers.get('last-modified')) ?? undefined
}

async function append(
  body: ReadableStream<Uint8Array>,
  partial: PartialFile,
  { start, total }: AnswerRange,
  { address, maxBytes, onBytes }: ReceiveSettings,
  onPiece: (bytes: number) => void,
): Promise<void> {
  if (total !== undefined && total > maxBytes) throw tooLarge(address, total, maxBytes)
  const file = await nodeModule('node:fs/promises').open(partial.path, start > 0 ? 'a' : 'w')
  let bytes = start
  try {
    await onBytes(bytes, total)
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      bytes += piece.length
      if (bytes > maxBytes) throw tooLarge(address, bytes, maxBytes)
      await file.appendFile(piece)
      onPiece(piece.length)
      await onBytes(bytes, total)
    }
  } finally {
    await file.close()
  }
  if (total !== undefined && bytes !== total) {
    throw new TransientFailure('cut', `only ${bytes} of ${total} bytes arrived`)
  }
}

function tooLarge(address: string, bytes: number, maxBytes: number): DownloadError {
  return new DownloadError(
    address,
    'too-large',
    `the file has ${bytes} bytes or more, ${maxBytes} are allowed. Check the address, or raise maxBytes.`,
  )
}

function asFailure(error: unknown, address: string): Error {
  if (error instanceof TransientFailure || GnnRecError.isInstance(error)) return error
  // Errors of the network come as the causes of others.
  if (isSystemError(error) && !/^E(CONN|PIPE|TIMEDOUT|NET|HOST)/.test(error.code ?? '')) {
    return new DownloadError(address, 'disk', `${error.message}. Choose a writable folder.`, {
      cause: error,
    })
  }
  const { cause } = error as { cause?: NodeJS.ErrnoException }
  const detail = cause?.code ?? cause?.message ?? (error as Error).message
  if (cause?.code === 'ENOTFOUND') {
    return new DownloadError(
      address,
      'unreachable',
      "the server's name is unknown. Check the address and the network.",
      { cause: error },
    )
  }
  const isUnreachable = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'].includes(
    detail,
  )
  return new TransientFailure(
    isUnreachable ? 'unreachable' : 'cut',
    isUnreachable
      ? `the server cannot be reached (${detail})`
      : `the connection was cut (${detail})`,
    { cause: error },
  )
}
