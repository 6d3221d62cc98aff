/** Score buffers hold at most this many bytes unless one user alone needs more. */
const bufferBytes = 32e6
/** Aimed well below the 50 ms after which a block would be felt, since timings scatter. */
const targetMilliseconds = 20
/** Scores of the first block, whose cost per user is still unknown. */
const firstBlockScores = 2 ** 18
const firstBlockUsers = 16
const largestGrowth = 4

/** Users per block that a 32 MB buffer of float32 scores has room for, at least 1. */
export function largestBlock(itemCount: number): number {
  return Math.max(1, Math.floor(bufferBytes / 4 / itemCount))
}

/** Users of the first block, at most `largest`. */
export function firstBlock(itemCount: number, largest: number): number {
  return clamp(Math.floor(firstBlockScores / itemCount), Math.min(firstBlockUsers, largest))
}

/** Users of the block after one of `size` users that took `milliseconds`, at most `largest`. */
export function nextBlock(size: number, milliseconds: number, largest: number): number {
  const factor = milliseconds > 0 ? targetMilliseconds / milliseconds : largestGrowth
  return clamp(Math.floor(size * Math.min(factor, largestGrowth)), largest)
}

function clamp(size: number, largest: number): number {
  return Math.max(1, Math.min(size, largest))
}
