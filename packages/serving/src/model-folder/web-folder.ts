import type { LoadLimits } from './load-options.js'
import { manifestName } from './model-parts.js'
import type { FolderReader, OpenFile } from './open-file.js'
import { readError } from './place.js'

/** Opens a folder on the web; the query of its address is sent for each file. */
export function webFolder(url: URL, limits: LoadLimits): FolderReader {
  const folder = new URL(url)
  folder.hash = ''
  return {
    place: folder.href,
    open(name) {
      const file = new URL(folder)
      file.pathname = `${folder.pathname.replace(/\/$/, '')}/${name}`
      return requestFile(file, name === manifestName, limits)
    },
  }
}

async function requestFile(
  file: URL,
  isManifest: boolean,
  limits: LoadLimits,
): Promise<OpenFile | undefined> {
  const stall = new StallWatch(limits.stallSeconds)
  const signal = AbortSignal.any([limits.signal, stall.signal])
  const failed = (cause: unknown): Error => {
    stall.end()
    limits.check(file.href)
    if (!stall.isStalled) return readError(file.href, cause)
    const reason = `nothing arrived for ${limits.stallSeconds} seconds (stallSeconds)`
    return readError(file.href, cause, reason)
  }
  try {
    // A list of files that comes from a cache may name files that a later save removed.
    const response = await fetch(file, { signal, cache: isManifest ? 'no-cache' : 'default' })
    if (!response.ok) await response.body?.cancel()
    if (response.status === 404) {
      stall.end()
      return undefined
    }
    if (!response.ok) {
      throw new Error(`the server answered ${response.status} ${response.statusText}`)
    }
    const reader = response.body?.getReader()
    return {
      size: undefined,
      async read(most) {
        try {
          return await readBody(reader, most, stall)
        } catch (cause) {
          throw failed(cause)
        }
      },
      async close() {
        stall.end()
        await reader?.cancel().catch(() => undefined)
      },
    }
  } catch (cause) {
    throw failed(cause)
  }
}

/** Reads a body up to `most` bytes and, of a longer one, one byte more. */
async function readBody(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  most: number,
  stall: StallWatch,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(most + 1)
  let length = 0
  while (reader && length <= most) {
    stall.begin()
    const { done, value } = await reader.read()
    if (done) break
    const piece = value.subarray(0, bytes.length - length)
    bytes.set(piece, length)
    length += piece.length
  }
  stall.end()
  return bytes.subarray(0, length)
}

/** A clock that aborts a request of which nothing arrives. */
class StallWatch {
  readonly #controller = new AbortController()
  readonly #milliseconds: number
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(seconds: number) {
    this.#milliseconds = 1000 * seconds
    this.begin()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get isStalled(): boolean {
    return this.signal.aborted
  }

  /** Starts counting anew. */
  begin(): void {
    this.end()
    this.#timer = setTimeout(() => this.#controller.abort(), this.#milliseconds)
  }

  /** Stops counting. */
  end(): void {
    clearTimeout(this.#timer)
  }
}
