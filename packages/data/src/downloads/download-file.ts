import { parseOptions } from '@gnnrec/graph'
import { isSystemError } from '@gnnrec/graph/files'
import type { output } from 'zod'
import { DownloadError } from '../errors.js'
import { abortable } from '../sources/abortable.js'
import { nodeModule } from '../sources/node-files.js'
import { isRegularFile } from '../sources/open-file.js'
import { piecesOfFile } from '../sources/read-pieces.js'
import { type DownloadOptions, downloadSchema, longestTimer } from './download-options.js'
import { type DownloadProgress, progressFunction } from './download-progress.js'
import { lockFile } from './file-lock.js'
import { PartialFile } from './partial-file.js'
import { receive, TransientFailure } from './receive.js'

/** The path, size and checksum of a downloaded file. */
export interface DownloadedFile {
  /** The path of the file, as it was given. */
  readonly file: string
  /** The size in bytes. */
  readonly bytes: number
  /** The SHA-256 of the file in hexadecimal digits. */
  readonly sha256: string
}

type Settings = output<typeof downloadSchema>

interface Checksums {
  readonly sha256: string | undefined
  readonly md5: string | undefined
}

type Report = (
  bytes: number,
  totalBytes: number | undefined,
  state?: 'running' | 'done' | 'failed',
) => Promise<void>

/** An attempt that brings at least this many bytes does not count towards the failed attempts. */
const progressBytes = 1 << 14

const millisecondsPerReport = 100
/**
 * Downloads a file. A download that was interrupted, even by a crash, continues where it stopped.
 *
 * The bytes go into `FILE.part`, which is renamed to `FILE` once it is complete and its checksum is
 * right. A file that exists already is kept when its checksum is right or when no checksum is given.
 * The download is limited in bytes and in time, and it fails when several attempts in a row bring
 * nothing. Only one process at a time downloads a file.
 *
 * @example
 * ```ts no-run
 * import { downloadFile } from '@gnnrec/data'
 *
 * const { bytes, sha256 } = await downloadFile({
 *   address: 'https://files.grouplens.org/datasets/movielens/ml-100k.zip',
 *   file: 'data/ml-100k.zip',
 *   md5: '0e33842e24a9c977be4e0107933c0723',
 * })
 * console.log(bytes, sha256)
 * ```
 *
 * @throws DownloadError when the download fails; its `reason` says why
 * @throws InvalidOptionsError
 */
export async function downloadFile(options: DownloadOptions): Promise<DownloadedFile> {
  const settings = parseOptions('downloadFile', downloadSchema, options)
  const { address, file, timeoutSeconds } = settings
  const { dirname } = nodeModule('node:path')
  try {
    await nodeModule('node:fs/promises').mkdir(dirname(file), { recursive: true })
    // Waiting for another process that downloads the file counts, too.
    const timeout = AbortSignal.timeout(Math.min(timeoutSeconds * 1000, longestTimer))
    const lock = await lockFile(file, address, settings.signal, timeout)
    const signal = settings.signal ? AbortSignal.any([timeout, settings.signal]) : timeout
    try {
      return await download({ ...settings, signal })
    } catch (error) {
      settings.signal?.throwIfAborted()
      if (!timeout.aborted) throw error
      const message = `the download was not complete after ${timeoutSeconds} seconds. Call again to continue, or raise timeoutSeconds.`
      throw new DownloadError(address, 'timeout', message)
    } finally {
      await lock.release()
    }
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    const message = `${cause.message}. Choose a writable folder.`
    throw new DownloadError(address, 'disk', message, { cause })
  }
}

async function download(settings: Settings): Promise<DownloadedFile> {
  const { address, file, signal } = settings
  const md5 = settings.md5 ?? (await publishedMd5(settings))
  const checksums = { sha256: settings.sha256?.toLowerCase(), md5: md5?.toLowerCase() }
  // A pipe or a device might have no end.
  const isThere = await isRegularFile(file).catch(() => false)
  const present = isThere ? await digestsOf(file, signal).catch(() => undefined) : undefined
  signal?.throwIfAborted()
  const partial = new PartialFile(file, address)
  if (present && mismatch(present, checksums) === undefined) {
    // A process that was killed once the file was in its place has left the note.
    await partial.discard().catch(() => undefined)
    return result(file, present)
  }
  const report = await reporter(settings, (await partial.state()).bytes)
  try {
    return await finishDownload(partial, settings, checksums, report)
  } catch (error) {
    // The error that ended the download says more than one of the report about it.
    await report((await partial.state()).bytes, undefined, 'failed').catch(() => undefined)
    throw error
  }
}

async function finishDownload(
  partial: PartialFile,
  settings: Settings,
  checksums: Checksums,
  report: Report,
): Promise<DownloadedFile> {
  const { address, file } = settings
  const hasChecksum = checksums.sha256 !== undefined || checksums.md5 !== undefined
  for (;;) {
    const wasResumed = await receiveAll(partial, settings, hasChecksum, report)
    const digests = await digestsOf(partial.path, settings.signal)
    const wrong = mismatch(digests, checksums)
    if (wrong === undefined && (await hasForm(file, partial.path))) {
      await partial.finish(file)
      await report(digests.bytes, digests.bytes, 'done')
      return result(file, digests)
    }
    await partial.discard()
    // The earlier bytes may belong to another version of the file, so try once more from the beginning.
    if (wasResumed) continue
    if (wrong === undefined) {
      throw new DownloadError(
        address,
        'not-the-file',
        'the answer is not an archive; it may be a web page. Open the address in a browser.',
      )
    }
    throw new DownloadError(
      address,
      'checksum',
      `${wrong}. The file was changed at its source or on the way. Fetch it by hand and compare.`,
    )
  }
}

/** Tries until the file is complete. Returns true when some bytes are of an earlier attempt. */
async function receiveAll(
  partial: PartialFile,
  { address, attempts, retrySeconds, signal, maxBytes, stallSeconds }: Settings,
  hasChecksum: boolean,
  report: Report,
): Promise<boolean> {
  let failed = 0
  let most = (await partial.state()).bytes
  const wasResumed = most > 0
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      await receive(partial, {
        address,
        maxBytes,
        stallSeconds,
        hasChecksum,
        signal,
        onBytes: report,
      })
      return wasResumed || isRepeated
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error
      const { bytes } = await partial.state()
      failed = bytes >= most + progressBytes ? 1 : failed + 1
      most = Math.max(most, bytes)
      if (failed >= attempts) {
        throw new DownloadError(
          address,
          error.reason,
          `${error.message}, in ${failed} attempts in a row. The bytes so far are kept; call again to continue.`,
          { cause: error },
        )
      }
      const delay = Math.min(retrySeconds * 1000 * 2 ** (failed - 1), longestTimer)
      await nodeModule('node:timers/promises').setTimeout(delay, undefined, { signal })
    }
  }
}

/** Fetches the MD5 from the publisher's digest file. Returns `undefined` when there is no such file. */
async function publishedMd5({ md5Address, signal }: Settings): Promise<string | undefined> {
  if (md5Address === undefined) return undefined
  try {
    const waited = AbortSignal.any([AbortSignal.timeout(10_000), ...(signal ? [signal] : [])])
    const answer = await fetch(md5Address, { signal: waited })
    if (!answer.ok || answer.body === null) return undefined
    let text = ''
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder('latin1').decode(piece)
      if (text.length > 4096) break
    }
    return /\b[0-9a-f]{32}\b/i.exec(text)?.[0]
  } catch {
    signal?.throwIfAborted()
    // When the server cannot be reached, the download of the file itself reports it.
    return undefined
  }
}

interface Digests {
  readonly bytes: number
  readonly sha256: string
  readonly md5: string
}

async function digestsOf(file: string, signal: AbortSignal | undefined): Promise<Digests> {
  const { createHash } = nodeModule('node:crypto')
  const sha256 = createHash('sha256')
  const md5 = createHash('md5')
  let bytes = 0
  for await (const piece of abortable(piecesOfFile(file), signal)) {
    sha256.update(piece)
    md5.update(piece)
    bytes += piece.length
  }
  return { bytes, sha256: sha256.digest('hex'), md5: md5.digest('hex') }
}

function mismatch(found: Digests, expected: Checksums): string | undefined {
  for (const kind of ['sha256', 'md5'] as const) {
    const wanted = expected[kind]
    if (wanted !== undefined && wanted !== found[kind]) {
      const name = kind === 'md5' ? 'MD5' : 'SHA-256'
      return `its ${name} is ${found[kind]}, expected ${wanted}`
    }
  }
  return undefined
}

/** Returns false when a file that is named as an archive does not begin like one, as an error page does not. */
async function hasForm(file: string, path: string): Promise<boolean> {
  const magic = file.endsWith('.zip') ? 'PK' : file.endsWith('.gz') ? '\x1f\x8b' : ''
  for await (const piece of piecesOfFile(path)) {
    return new TextDecoder('latin1').decode(piece.subarray(0, magic.length)) === magic
  }
  return magic === ''
}

function result(file: string, { bytes, sha256 }: Digests): DownloadedFile {
  return { file, bytes, sha256 }
}

/** Reports the start at once and returns a function that reports progress about ten times a second. */
async function reporter(
  { address, file, name = nodeModule('node:path').basename(file), licence, progress }: Settings,
  start: number,
): Promise<Report> {
  const show = await progressFunction(progress)
  const event = (
    state: DownloadProgress['state'],
    bytes: number,
    totalBytes: number | undefined,
  ): DownloadProgress => ({
    state,
    name,
    address,
    bytes,
    ...(licence !== undefined && { licence }),
    ...(totalBytes !== undefined && { totalBytes }),
  })
  await show(event('start', start, undefined))
  let last = performance.now()
  return async (bytes, totalBytes, state = 'running') => {
    const now = performance.now()
    if (state === 'running' && now - last < millisecondsPerReport) return
    last = now
    await show(event(state, bytes, totalBytes))
  }
}
