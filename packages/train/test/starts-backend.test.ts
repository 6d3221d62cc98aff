import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { Trainer } from '../src/index.js'
import { plantedBlocks } from './support/splits.js'

// In a file of its own, as every other test makes a backend active.
it('starts the backend simd if none is active, and not before fit', async () => {
  const split = plantedBlocks(1, 12)
  const model = new BprMf(BipartiteGraph.fromInteractions(split.train))
  const settings = { epochs: 2, batchSize: 64, learningRate: 0.01 }
  const trainer = new Trainer({
    model,
    split,
    ...settings,
    sampling: 'user-uniform',
    progress: 'none',
  })
  expect(tf.getBackend()).toBeFalsy()
  await trainer.fit()
  expect(tf.getBackend()).toBe('simd')
})
