import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** Hashing so many bytes takes well under 50 ms. */
const blockBytes = 1 << 21

/** SHA-256 (hex) of the bytes; lets the event loop run between blocks. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const hash = sha256.create()
  for (let start = 0; start < bytes.length; start += blockBytes) {
    if (start > 0) await new Promise((resolve) => setTimeout(resolve))
    hash.update(bytes.subarray(start, start + blockBytes))
  }
  return bytesToHex(hash.digest())
}
