import type { Rng } from '@gnnrec/graph'
import { type ByteChange, byteChanges } from './change-bytes.js'
import { jsonChanges, textChanges } from './change-text.js'
import { widen } from './change-wide.js'
import type { Files, Subject } from './subject.js'

/** Things that may stand in the place of a file of a folder. */
const oddities = ['folder', 'pipe', 'endless', 'huge', 'loop', 'outward'] as const
type Oddity = (typeof oddities)[number]

/** A changed input. */
export interface Mutant {
  readonly files: Files
  /** Things that stand in the place of files, by their path. */
  readonly odd: ReadonlyMap<string, Oddity>
  /** Number of changes that were drawn; each can be left out. */
  readonly changeCount: number
}

const usualOddShare = 0.004
const mostChanges = 3

/**
 * Changes a sound input at up to three places, all drawn from `rng`.
 *
 * @param only - numbers of the changes to make of those that are drawn, from 0; all by default
 */
export function mutate(subject: Subject, sound: Files, rng: Rng, only?: readonly number[]): Mutant {
  const { pack, unpack = (files) => files, mayBeOdd = false, oddShare = usualOddShare } = subject
  const isPacked = pack !== undefined && rng.uniform() < 0.6
  const files = new Map(isPacked ? unpack(sound) : sound)
  const changeCount = 1 + Math.floor(rng.uniform() ** 2 * mostChanges)
  const isOdd = mayBeOdd && rng.uniform() < oddShare
  for (let number = 0; number < changeCount; number++) {
    if (only && !only.includes(number)) continue
    changeOne(files, rng.fork(`change ${number}`))
  }
  const packed = isPacked ? packedWherePossible(pack, files) : files
  const odd = new Map<string, Oddity>()
  if (isOdd) {
    const names = [...packed.keys()]
    const name = names[rng.integer(names.length)]
    const oddity = oddities[rng.integer(oddities.length)]
    odd.set(name, oddity)
    // The zeros behind a gzip file that was cut off can be codes of gigabytes of rows, which would rightly be read.
    // A file whose name has a new digest of its bytes has no sound ones.
    if (oddity === 'huge') packed.set(name, sound.get(name) ?? (packed.get(name) as Uint8Array))
  }
  return { files: packed, odd, changeCount }
}

function packedWherePossible(pack: (files: Files) => Files, files: Files): Files {
  try {
    return pack(files)
  } catch (error) {
    // JSON with thousands of levels has no digest that a reader could compare.
    if (error instanceof RangeError) return files
    throw error
  }
}

function changeOne(files: Files, rng: Rng): void {
  const names = [...files.keys()]
  if (names.length === 0) return
  const name = names[rng.integer(names.length)]
  const bytes = files.get(name) as Uint8Array
  const kind = rng.uniform()
  if (kind < 0.02) {
    files.set(name, new Uint8Array())
  } else if (kind < 0.04) {
    files.set(name, files.get(names[rng.integer(names.length)]) as Uint8Array)
  } else if (kind < 0.06 && names.length > 1) {
    files.delete(name)
  } else if (kind < 0.062) {
    files.set(name, widen(bytes, rng))
  } else if (bytes.length > 0) {
    const changes = changesFor(bytes, rng)
    files.set(name, changes[rng.integer(changes.length)](bytes, rng))
  }
}

function changesFor(bytes: Uint8Array, rng: Rng): readonly ByteChange[] {
  const kind = rng.uniform()
  if (!isText(bytes)) return kind < 0.7 ? byteChanges : kind < 0.85 ? textChanges : jsonChanges
  if (kind < 0.5 && /^\s*[[{]/.test(Buffer.from(bytes.subarray(0, 16)).toString('latin1'))) {
    return jsonChanges
  }
  return kind < 0.85 ? textChanges : byteChanges
}

function isText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 512)
  return start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13)
}
