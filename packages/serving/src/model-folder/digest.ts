import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { ByteStream } from './atomic-folder.js'

/** Hashing so many bytes takes well under 50 ms. */
const blockBytes = 1 << 21

/** SHA-256 (hex) of the bytes; lets the event loop run between blocks. */
export async function sha256Hex(bytes: Uint8Array | ByteStream): Promise<string> {
  const hash = startHash()
  let isFirst = true
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes.pieces()) {
    for (let start = 0; start < piece.length; start += blockBytes) {
      if (!isFirst) await new Promise((resolve) => setTimeout(resolve))
      isFirst = false
      hash.update(piece.subarray(start, start + blockBytes))
    }
  }
  return hash.hex()
}

interface RunningHash {
  update(bytes: Uint8Array): void
  hex(): string
}

/** Node's own hash is ten times as fast; the other one runs everywhere. */
function startHash(): RunningHash {
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
