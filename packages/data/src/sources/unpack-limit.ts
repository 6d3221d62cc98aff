import { FileReadError } from '../errors.js'

/** Text packs 3 to 20 times; this much more is a bomb, and far below what deflate can reach (1032). */
const maxRatio = 250

/** Below this size nothing can do harm, and short files of one repeated line are common in tests. */
const harmlessBytes = 1 << 20

/** @throws FileReadError when so many packed bytes have become so many that it is a bomb */
export function rejectBomb(name: string, packed: number, unpacked: number): void {
  if (unpacked <= harmlessBytes || unpacked <= packed * maxRatio) return
  throw new FileReadError(
    name,
    `${name} unfolds from ${packed} bytes to ${unpacked} or more, over ${maxRatio} times its size; that is no table but a bomb. If you trust it, unpack it yourself and read the result.`,
  )
}
