import { useBackend } from '@gnnrec/graph/ops'
import { beforeAll, expect, it } from 'vitest'
import { BprMf, LightGcn, presets } from '../../src/index.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

it('are the official settings', () => {
  expect(presets).toMatchInlineSnapshot(`
    {
      "bprMf": {
        "paper": {
          "model": {
            "embeddingDim": 64,
            "initialDeviation": 1,
            "l2Weight": 0.0001,
          },
          "training": {
            "batchSize": 2048,
            "epochs": 1000,
            "learningRate": 0.001,
            "sampling": "user-uniform",
          },
        },
      },
      "lightGcn": {
        "paper": {
          "model": {
            "embeddingDim": 64,
            "initialDeviation": 0.1,
            "l2Weight": 0.0001,
            "layers": 3,
          },
          "training": {
            "batchSize": 2048,
            "epochs": 1000,
            "learningRate": 0.001,
            "sampling": "user-uniform",
          },
        },
      },
    }
  `)
})

it('make models', () => {
  const graph = graphOf(smallGraph)
  expect(owned(new BprMf(graph, presets.bprMf.paper.model)).options).toMatchObject(
    presets.bprMf.paper.model,
  )
  expect(owned(new LightGcn(graph, presets.lightGcn.paper.model)).options).toMatchObject(
    presets.lightGcn.paper.model,
  )
})
