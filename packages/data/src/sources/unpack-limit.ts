import { FileReadError } from '../errors.js'

/**
 * The largest ratio of unpacked to packed size. Text reaches 3 to 20, while a decompression bomb comes
 * close to the 1032 that deflate can reach.
 */
const maxRatio = 250

/** Smaller files are never refused: they do no harm, and one line repeated often has a large ratio. */
const harmlessBytes = 1 << 20

/**
 * Checks that unpacking does not blow up the data.
 *
 * @throws FileReadError when the sizes are those of a decompression bomb
 */
export function rejectBomb(name: string, packed: number, unpacked: number): void {
  if (unpacked <= harmlessBytes || unpacked <= packed * maxRatio) return
  throw new FileReadError(
    name,
    `${name} unpacks from ${packed} bytes to ${unpacked} or more, over ${maxRatio} times its size, as a decompression bomb does. If you trust it, unpack it yourself and read the result.`,
  )
}
