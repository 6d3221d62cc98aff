import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** Bytes that are hashed without a pause: well under 50 ms. */
const bytesPerTurn = 1 << 21

/** A digest that grows piece by piece. */
interface RunningDigest {
  update(bytes: Uint8Array): void
  hex(): string
}

/**
 * A SHA-256 that is computed piece by piece, in Node.js and in pages.
 *
 * @example
 * ```ts
 * import { Sha256 } from '@gnnrec/graph/files'
 *
 * const hash = new Sha256()
 * hash.update('user,item\n')
 * hash.update(new Uint8Array([1, 2, 3]))
 * console.log(hash.hex())
 * ```
 */
export class Sha256 {
  readonly #digest = startDigest()

  /** Adds bytes, or text as UTF-8. */
  update(piece: string | Uint8Array): void {
    this.#digest.update(typeof piece === 'string' ? utf8ToBytes(piece) : piece)
  }

  /** Ends the computation and returns the digest in lower-case hexadecimal digits. */
  hex(): string {
    return this.#digest.hex()
  }
}

/**
 * Computes the SHA-256 of text (as UTF-8) or of bytes, and lets other work run in between.
 *
 * @param contents - text, bytes, or pieces of bytes that are hashed as one
 * @returns the digest in lower-case hexadecimal digits
 * @example
 * ```ts
 * import { sha256Hex } from '@gnnrec/graph/files'
 *
 * console.log(await sha256Hex('abc')) // ba7816bf 8f01cfea ... in one word
 * ```
 */
export async function sha256Hex(
  contents: string | Uint8Array | Iterable<Uint8Array>,
): Promise<string> {
  const hash = new Sha256()
  let isFirst = true
  for (const piece of piecesOf(contents)) {
    for (let start = 0; start < piece.length; start += bytesPerTurn) {
      if (!isFirst) await new Promise((resolve) => setTimeout(resolve))
      isFirst = false
      hash.update(piece.subarray(start, start + bytesPerTurn))
    }
  }
  return hash.hex()
}

function piecesOf(contents: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof contents === 'string') return [utf8ToBytes(contents)]
  return contents instanceof Uint8Array ? [contents] : contents
}

/** Starts Node's own digest, which is faster, or the one that runs everywhere. */
function startDigest(): RunningDigest {
  const native = globalThis.process?.getBuiltinModule?.('node:crypto')?.createHash('sha256')
  if (native) {
    return { update: (bytes) => void native.update(bytes), hex: () => native.digest('hex') }
  }
  const portable = sha256.create()
  return {
    update: (bytes) => void portable.update(bytes),
    hex: () => bytesToHex(portable.digest()),
  }
}
