import type { BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { expect } from 'vitest'
import type { GraphModel } from '../../src/index.js'
import { expectSameBytes } from './compare.js'
import { graphOf, randomGraph } from './graphs.js'
import { output, trainSteps, weightValues } from './training.js'

// Both tables have over 100,000 elements: enough for element-wise kernels to be cut as well.
const large = randomGraph({ users: 2000, items: 1700, degree: 12 })

/** Expects losses, weights and embeddings after some steps to be the same on 1, 2, 3 and 4 threads. */
export async function expectSameOnThreads(
  make: (graph: BipartiteGraph) => GraphModel,
  steps: { steps: number; batchSize: number },
): Promise<void> {
  const results: { losses: number[]; values: Record<string, Float32Array> }[] = []
  for (const threads of [1, 2, 3, 4]) {
    await useBackend('simd', { threads })
    const graph = graphOf(large)
    const model = make(graph)
    await model.prepare()
    expect(model.parameters()['itemEmbeddings']?.size).toBeGreaterThan(100_000)
    const losses = trainSteps(model, steps)
    results.push({ losses, values: { ...(await weightValues(model)), ...output(model) } })
    model.dispose()
    graph.dispose()
  }
  const [first, ...others] = results as [(typeof results)[0], ...typeof results]
  expect(first.losses.at(-1)).toBeLessThan(first.losses[0] as number)
  for (const { losses, values } of others) {
    expect(losses).toEqual(first.losses)
    expectSameBytes(values, first.values)
  }
}
