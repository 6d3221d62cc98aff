import { type Ranker, yieldToEventLoop } from '@gnnrec/graph'

/** Largest number of users whose scores are computed at once. */
const mostUsers = 8
/** Bytes of the scores that are computed at once, unless one user needs more: 32 MB. */
const blockBytes = 2 ** 25
/** Bytes of the scores of all users, unless two users need more: 256 MB. */
const allBytes = 2 ** 28

/** Computes the scores of all items, in a row for each of the users, or for the first of them if there are very many items. */
export async function sampledScores(ranker: Ranker, users: Int32Array): Promise<Float32Array[]> {
  const { itemCount } = ranker
  const affordable = (bytes: number) => Math.floor(bytes / (4 * itemCount))
  const blockSize = Math.max(1, Math.min(mostUsers, affordable(blockBytes)))
  // Guards compare users with each other.
  const examined = users.subarray(0, Math.max(2, affordable(allBytes)))
  const rows: Float32Array[] = []
  for (let start = 0; start < examined.length; start += blockSize) {
    const block = examined.subarray(start, start + blockSize)
    const out = new Float32Array(block.length * itemCount)
    ranker.scoreUsers(block, out)
    block.forEach((_, row) => {
      rows.push(out.subarray(row * itemCount, (row + 1) * itemCount))
    })
    await yieldToEventLoop()
  }
  return rows
}
