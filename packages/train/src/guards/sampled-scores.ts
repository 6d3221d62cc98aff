import { type Ranker, yieldToEventLoop } from '@gnnrec/graph'

/** Users whose scores are computed at once. */
const blockSize = 8

/** Computes the scores of all items, in a row for each of the users. */
export async function sampledScores(ranker: Ranker, users: Int32Array): Promise<Float32Array[]> {
  const { itemCount } = ranker
  const rows: Float32Array[] = []
  for (let start = 0; start < users.length; start += blockSize) {
    const block = users.subarray(start, start + blockSize)
    const out = new Float32Array(block.length * itemCount)
    ranker.scoreUsers(block, out)
    block.forEach((_, row) => {
      rows.push(out.subarray(row * itemCount, (row + 1) * itemCount))
    })
    await yieldToEventLoop()
  }
  return rows
}
