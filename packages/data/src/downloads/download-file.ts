import { parseOptions } from '@gnnrec/graph'
import { isSystemError } from '@gnnrec/graph/files'
import type { output } from 'zod'
import { DownloadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import { piecesOfFile } from '../sources/read-pieces.js'
import { type DownloadOptions, downloadSchema } from './download-options.js'
import { type DownloadProgress, progressFunction } from './download-progress.js'
import { holdFile } from './file-lock.js'
import { PartialFile } from './partial-file.js'
import { receive, TransientFailure } from './receive.js'

/** What was downloaded. */
export interface DownloadedFile {
  readonly file: string
  readonly bytes: number
  /** SHA-256 (hex) of the file. */
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
) => void

/** A try that brings this much is worth another one, whatever comes of it. */
const progressBytes = 1 << 14

const millisecondsPerReport = 100

/**
 * Downloads a file, and goes on where an earlier try ended, also one of a process that was killed.
 *
 * What has come lies in `FILE.part` and gets its name when it is whole and its checksum is right. A file
 * that is there already is kept when its checksum is right, or none is given. The download is bounded in
 * bytes and in time, and given up when tries bring nothing.
 *
 * @throws DownloadError, whose `reason` says why
 * @throws InvalidOptionsError
 */
export async function downloadFile(options: DownloadOptions): Promise<DownloadedFile> {
  const settings = parseOptions('downloadFile', downloadSchema, options)
  const { address, file, timeoutSeconds } = settings
  const { dirname } = nodeModule('node:path')
  try {
    await nodeModule('node:fs/promises').mkdir(dirname(file), { recursive: true })
    const release = await holdFile(file, address)
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
    const signal = AbortSignal.any([timeout, ...(settings.signal ? [settings.signal] : [])])
    try {
      return await download({ ...settings, signal })
    } catch (error) {
      settings.signal?.throwIfAborted()
      if (!timeout.aborted) throw error
      const message = `it is not done after ${timeoutSeconds} seconds. Call again to go on, or raise timeoutSeconds.`
      throw new DownloadError(address, 'timeout', message)
    } finally {
      await release()
    }
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    const message = `${cause.message}. Choose a folder that can be written.`
    throw new DownloadError(address, 'disk', message, { cause })
  }
}

async function download(settings: Settings): Promise<DownloadedFile> {
  const { address, file } = settings
  const md5 = settings.md5 ?? (await publishedMd5(settings))
  const checksums = { sha256: settings.sha256?.toLowerCase(), md5: md5?.toLowerCase() }
  const present = await digestsOf(file).catch(() => undefined)
  if (present && mismatch(present, checksums) === undefined) return result(file, present)
  const partial = new PartialFile(file, address)
  const report = await reporter(settings, (await partial.state()).bytes)
  try {
    return await finishDownload(partial, settings, checksums, report)
  } catch (error) {
    report((await partial.state()).bytes, undefined, 'failed')
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
    const digests = await digestsOf(partial.path)
    const wrong = mismatch(digests, checksums)
    if (wrong === undefined && (await hasForm(file, partial.path))) {
      await partial.finish(file)
      report(digests.bytes, digests.bytes, 'done')
      return result(file, digests)
    }
    await partial.discard()
    // What came before may be of another version than what came now.
    if (wasResumed) continue
    if (wrong === undefined) {
      throw new DownloadError(
        address,
        'not-the-file',
        'what came is no archive, but perhaps a page in its place. Open the address in a browser.',
      )
    }
    throw new DownloadError(
      address,
      'checksum',
      `${wrong}. The file was changed on the way or at its source; fetch it by hand and compare.`,
    )
  }
}

/** Tries until all has come; returns whether it went on with what an earlier try brought. */
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
          `${error.message}, ${failed} tries in a row. What has come is kept; call again to go on.`,
          { cause: error },
        )
      }
      const delay = retrySeconds * 1000 * 2 ** (failed - 1)
      await nodeModule('node:timers/promises').setTimeout(delay, undefined, { signal })
    }
  }
}

/** The MD5 in the publisher's digest file, `undefined` when there is no such file. */
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
    // The file itself will say whether the server can be reached.
    return undefined
  }
}

interface Digests {
  readonly bytes: number
  readonly sha256: string
  readonly md5: string
}

async function digestsOf(file: string): Promise<Digests> {
  const { createHash } = nodeModule('node:crypto')
  const sha256 = createHash('sha256')
  const md5 = createHash('md5')
  let bytes = 0
  for await (const piece of piecesOfFile(file)) {
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

/** Whether an archive begins as one: a page that says that something is wrong does not. */
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

/** Reports the start at once, and what comes about ten times a second. */
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
  show(event('start', start, undefined))
  let last = performance.now()
  return (bytes, totalBytes, state = 'running') => {
    const now = performance.now()
    if (state === 'running' && now - last < millisecondsPerReport) return
    last = now
    show(event(state, bytes, totalBytes))
  }
}
