import { modelTests } from '@gnnrec/models/testing'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, it } from 'vitest'
import { LearnedLayers } from '../src/learned-layers.js'

beforeAll(() => useBackend('simd', { threads: 2 }))

describe('LearnedLayers', () => {
  for (const { name, run } of modelTests(LearnedLayers, {
    options: { embeddingDim: 8, layers: 2 },
  })) {
    it(name, run)
  }
})
