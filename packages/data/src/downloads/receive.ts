import { DownloadError, type DownloadFailure } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import type { PartialFile } from './partial-file.js'

/** What one try may take. */
export interface ReceiveSettings {
  readonly address: string
  readonly maxBytes: number
  readonly stallSeconds: number
  /** Whether bytes without a mark of their version may be gone on with: a checksum will tell. */
  readonly hasChecksum: boolean
  readonly signal: AbortSignal | undefined
  readonly onBytes: (bytes: number, totalBytes: number | undefined) => void
}

/** A line that brings less than this in `stallSeconds` is as good as dead. */
const minBytes = 1024

/** A try that failed, and may be repeated. */
export class TransientFailure extends Error {
  readonly reason: DownloadFailure

  constructor(reason: DownloadFailure, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.reason = reason
  }
}

/**
 * Asks for what is missing of a file and appends it to what there is.
 *
 * @throws TransientFailure when it makes sense to try again
 * @throws DownloadError when it does not
 * @throws the signal's reason
 */
export async function receive(partial: PartialFile, settings: ReceiveSettings): Promise<void> {
  const { address, signal, stallSeconds, hasChecksum } = settings
  const stall = new AbortController()
  let inWindow = 0
  const timer = setInterval(() => {
    if (inWindow < minBytes) stall.abort()
    inWindow = 0
  }, stallSeconds * 1000)
  const canGoOn = await partial.state()
  const isSafe = canGoOn.validator !== undefined || hasChecksum
  const start = isSafe ? canGoOn.bytes : 0
  try {
    const answer = await fetch(address, {
      headers: {
        // What is counted and checked are the bytes of the file.
        'accept-encoding': 'identity',
        ...(start > 0 && { range: `bytes=${start}-` }),
        ...(start > 0 && canGoOn.validator && { 'if-range': canGoOn.validator }),
      },
      signal: AbortSignal.any([stall.signal, ...(signal ? [signal] : [])]),
    })
    const range = await checkAnswer(answer, start, partial, address)
    if (answer.body === null) throw new TransientFailure('cut', 'the answer is empty')
    await append(answer.body, partial, range, settings, (bytes) => {
      inWindow += bytes
    })
  } catch (error) {
    signal?.throwIfAborted()
    if (stall.signal.aborted) {
      const message = `less than ${minBytes} bytes came in ${stallSeconds} seconds`
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
  /** Length of the whole file, where the server says it. */
  readonly total: number | undefined
}

async function checkAnswer(
  { status, statusText, headers }: Response,
  wanted: number,
  partial: PartialFile,
  address: string,
): Promise<AnswerRange> {
  if (status === 206) {
    const [, start, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? []
    if (Number(start) !== wanted) {
      await partial.discard()
      throw new TransientFailure('cut', 'the server goes on at another place than asked for')
    }
    return { start: wanted, total: total === '*' ? undefined : Number(total) }
  }
  if (status === 200) {
    const etag = headers.get('etag')
    const isStrong = etag !== null && !etag.startsWith('W/')
    const validator = (isStrong ? etag : headers.get('last-modified')) ?? undefined
    await partial.discard()
    await partial.note(validator)
    const length = headers.get('content-length')
    const encoding = headers.get('content-encoding') ?? 'identity'
    // A server that packs the answer all the same counts other bytes than those that come.
    const isCounted = length !== null && encoding === 'identity'
    return { start: 0, total: isCounted ? Number(length) : undefined }
  }
  if (status === 416) {
    await partial.discard()
    throw new TransientFailure('cut', 'the server has less than has come already')
  }
  const text = `the server answers ${status} ${statusText}`.trimEnd()
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    throw new TransientFailure('status', text)
  }
  throw new DownloadError(address, 'status', `${text}. Check the address, or fetch it by hand.`)
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
  onBytes(bytes, total)
  try {
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      bytes += piece.length
      if (bytes > maxBytes) throw tooLarge(address, bytes, maxBytes)
      await file.appendFile(piece)
      onPiece(piece.length)
      onBytes(bytes, total)
    }
  } finally {
    await file.close()
  }
  if (total !== undefined && bytes !== total) {
    throw new TransientFailure('cut', `${bytes} of ${total} bytes came`)
  }
}

function tooLarge(address: string, bytes: number, maxBytes: number): DownloadError {
  return new DownloadError(
    address,
    'too-large',
    `it has ${bytes} bytes or more, ${maxBytes} are allowed. Check the address, or raise maxBytes.`,
  )
}

function asFailure(error: unknown, address: string): Error {
  if (error instanceof TransientFailure || error instanceof DownloadError) return error as Error
  const { syscall, code } = error as NodeJS.ErrnoException
  // An error of the file system, not of the network.
  if (
    syscall !== undefined &&
    code !== undefined &&
    /^E(NOSPC|ACCES|ROFS|DQUOT|IO|PERM)$/.test(code)
  ) {
    const { message } = error as Error
    return new DownloadError(address, 'disk', `${message}. Choose a folder that can be written.`, {
      cause: error,
    })
  }
  const { cause } = error as { cause?: NodeJS.ErrnoException }
  const detail = cause?.code ?? cause?.message ?? (error as Error).message
  if (cause?.code === 'ENOTFOUND') {
    return new DownloadError(
      address,
      'unreachable',
      'the name of the server is not known. Check the address and the network.',
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
