import { useBackend } from '@gnnrec/graph/ops'
import { beforeAll, expect, it } from 'vitest'
import { BprMf, LightGcn, presets } from '../../src/index.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

it('are the official settings and those found on validation', () => {
  expect(presets).toMatchInlineSnapshot(`
    {
      "bprMf": {
        "movieLens": {
          "model": {
            "embeddingDim": 64,
            "initialDeviation": 0.1,
            "l2Weight": 0.01,
          },
          "training": {
            "batchSize": 1024,
            "earlyStopping": {
              "metric": "ndcg@20",
              "patience": 60,
            },
            "epochs": 120,
            "evaluateEvery": 5,
            "learningRate": 0.002,
            "sampling": "user-uniform",
          },
        },
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
        "recommended": {
          "model": {
            "embeddingDim": 64,
            "initialDeviation": 0.1,
            "l2Weight": 0.03,
          },
          "training": {
            "batchSize": 1024,
            "earlyStopping": {
              "metric": "ndcg@20",
              "patience": 60,
            },
            "epochs": 120,
            "evaluateEvery": 5,
            "learningRate": 0.005,
            "sampling": "user-uniform",
          },
        },
      },
      "lightGcn": {
        "movieLens": {
          "model": {
            "embeddingDim": 64,
            "initialDeviation": 0.1,
            "l2Weight": 0.001,
            "layers": 3,
          },
          "training": {
            "batchSize": 1024,
            "earlyStopping": {
              "metric": "ndcg@20",
              "patience": 60,
            },
            "epochs": 120,
            "evaluateEvery": 5,
            "learningRate": 0.002,
            "sampling": "user-uniform",
          },
        },
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
        "recommended": {
          "model": {
            "embeddingDim": 64,
            "initialDeviation": 0.1,
            "l2Weight": 0.01,
            "layers": 3,
          },
          "training": {
            "batchSize": 1024,
            "earlyStopping": {
              "metric": "ndcg@20",
              "patience": 60,
            },
            "epochs": 120,
            "evaluateEvery": 5,
            "learningRate": 0.005,
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
