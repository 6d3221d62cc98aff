import { expect, it } from 'vitest'
import { sampledScores } from '../../src/guards/sampled-scores.js'

it('scores users in blocks that are bounded in bytes, and fewer users of very many items', async () => {
  const blocksFor = async (itemCount: number, count: number) => {
    const blocks: number[] = []
    const ranker = {
      userCount: count,
      itemCount,
      scoreUsers: ({ length }: Int32Array) => void blocks.push(length),
    }
    await sampledScores(ranker, new Int32Array(count))
    return blocks
  }
  expect(await blocksFor(1000, 20)).toEqual([8, 8, 4])
  expect(await blocksFor(4_000_000, 5)).toEqual([2, 2, 1])
  expect(await blocksFor(20_000_000, 32)).toEqual([1, 1, 1])
})
