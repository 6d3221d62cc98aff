import { SerializationError } from './errors.js'
import type { LoadLimits } from './load-options.js'
import { manifestName } from './model-parts.js'
import type { FolderReader, OpenFile } from './open-file.js'
import { messageOf } from './place.js'

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
    const reason = stall.isStalled
      ? `nothing arrived for ${limits.stallSeconds} seconds (stallSeconds)`
      : messageOf(cause)
    return new SerializationError(`Could not read ${file.href}: ${reason}.`, { cause })
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

/** Reads a body up to `most` bytes and, of a longer one, a little more. */
async function readBody(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  most: number,
  stall: StallWatch,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  while (reader && length <= most) {
    stall.begin()
    const { done, value } = await reader.read()
    if (done) break
    pieces.push(value)
    length += value.length
  }
  stall.end()
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
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

  /** Starts to count from now. */
  begin(): void {
    this.end()
    this.#timer = setTimeout(() => this.#controller.abort(), this.#milliseconds)
  }

  /** Stops to count. */
  end(): void {
    clearTimeout(this.#timer)
  }
}
