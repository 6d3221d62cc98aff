import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, it } from 'vitest'
import { models } from '../../src/index.js'
import { type ModelTestOptions, modelTests } from '../../src/testing.js'

beforeAll(() => useBackend('simd', { threads: 2 }))

/** Options that a class is tested with, where its defaults leave a part of it out. */
const variants: Readonly<Record<string, readonly ModelTestOptions[]>> = {
  'light-gcn': [{}, { options: { edgeDropout: 0.1 }, sampledOptions: { edgeDropout: 0 } }],
  gcnii: [
    {},
    { options: { variant: 'gcnii*', dropout: 0.1 }, sampledOptions: { dropout: 0 } },
    { options: { layerResidual: true }, sampledOptions: { layerResidual: false } },
  ],
  'group-shuffle': [{}, { options: { shuffle: 'none', blockDeviation: 0.1 } }],
  'svd-gcn': [{ hasParameters: false }, { options: { variant: 'M' } }],
  'layer-gcn': [{ sampledOptions: { edgePruning: 0 } }],
  // All vectors of a small graph are the same for every seed, up to rounding; some that have not converged are not.
  'spectral-filter': [
    { options: { vectors: 4, tolerance: 0.9 } },
    { options: { filter: 'bspm', vectors: 4, tolerance: 0.9 } },
  ],
}

for (const name of models.names()) {
  for (const settings of variants[name] ?? [{}]) {
    describe(`${name} ${JSON.stringify(settings.options ?? {})}`, () => {
      for (const test of modelTests(models.get(name), settings)) {
        it(test.name, test.run)
      }
    })
  }
}
