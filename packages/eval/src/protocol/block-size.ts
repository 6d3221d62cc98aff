/** Bytes that a buffer of scores has at most, unless one user alone needs more. */
const bufferBytes = 32e6
/** Milliseconds that a block should take: well below the 50 ms that a user notices, as timings vary. */
const targetMilliseconds = 20
/** Number of scores of the first block, when the cost per user is still unknown. */
const firstBlockScores = 2 ** 18
const firstBlockUsers = 16
const largestGrowth = 4

/** Returns the number of users whose float32 scores fit into 32 MB, at least 1. */
export function largestBlock(itemCount: number): number {
  return Math.max(1, Math.floor(bufferBytes / 4 / itemCount))
}

/** Returns the number of users of the first block, at most `largest`. */
export function firstBlock(itemCount: number, largest: number): number {
  return clamp(Math.floor(firstBlockScores / itemCount), Math.min(firstBlockUsers, largest))
}

/**
 * Returns the number of users of the block after one of `size` users that took `milliseconds`, at most
 * `largest`.
 */
export function nextBlock(size: number, milliseconds: number, largest: number): number {
  const factor = milliseconds > 0 ? targetMilliseconds / milliseconds : largestGrowth
  return clamp(Math.floor(size * Math.min(factor, largestGrowth)), largest)
}

function clamp(size: number, largest: number): number {
  return Math.max(1, Math.min(size, largest))
}
