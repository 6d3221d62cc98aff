import type { Batch } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { describeEachBackend } from '../support/backends.js'
import { batch, dense, prepared } from '../support/dgr.js'
import { smallGraph } from '../support/graphs.js'
import { expectGradients } from '../support/reference.js'
import { type DgrSettings64, dgrLoss64, neighbourTables64 } from '../support/reference-dgr.js'
import { trainSteps } from '../support/training.js'

const manyNegatives: Batch = {
  ...batch,
  negatives: Int32Array.from({ length: 21 }, (_, place) => (place * 4) % 5),
}

describeEachBackend('gradients of DGR against central differences', () => {
  const settings: DgrSettings64 = {
    desmoothing: [0.3, 1.1, 0.2],
    share: 0.5,
    neighbours: 2,
    marginal: 'paper',
    neighbourWeight: 0.2,
    marginalWeight: 0.15,
    regularization: 'official',
    l2Weight: 0.6,
  }
  const cases: Record<string, Partial<DgrSettings64>> = {
    'the official projection': {},
    'the exact projection': { share: 1 },
    'the bounded marginal term': { marginal: 'bounded' },
    'no marginal term': { marginalWeight: 0 },
    'no term of nearest items': { neighbourWeight: 0, marginal: 'bounded' },
    'neither term': { neighbourWeight: 0, marginalWeight: 0 },
    'L2 on layer 0': { regularization: 'layer-zero' },
    'no layers': { desmoothing: [] },
    'one layer': { desmoothing: [0.8] },
    'nothing taken out': { desmoothing: [0, 0] },
    'five layers': { desmoothing: [0.1, 1.1, 0, 0.4, 0], share: 1 },
  }
  const model = (changed: DgrSettings64, of = dense) => {
    const { share, ...options } = changed
    return prepared(of, {
      ...options,
      embeddingDim: 5,
      initialization: 'normal',
      initialDeviation: 0.5,
      layers: changed.desmoothing.length,
      projection: share === 1 ? 'exact' : 'official',
    })
  }

  it('have marginal items to look at', () => {
    const { marginal } = neighbourTables64(dense, settings.neighbours)
    expect([...batch.positives].filter((item) => marginal[item]?.length).length).toBeGreaterThan(3)
  })

  for (const [name, changed] of Object.entries(cases)) {
    it(`agree with ${name}`, async () => {
      const whole = { ...settings, ...changed }
      await expectGradients(await model(whole), batch, dgrLoss64(dense, whole, batch))
    })
  }

  it('agree with three negatives per positive', async () => {
    const reference = dgrLoss64(dense, settings, manyNegatives)
    await expectGradients(await model(settings), manyNegatives, reference)
  })

  it('agree on a graph with an isolated user and item, where items meet few others', async () => {
    const whole = { ...settings, neighbours: 3 }
    const reference = dgrLoss64(smallGraph, whole, batch)
    await expectGradients(await model(whole, smallGraph), batch, reference)
  })

  it('agree after several steps too', async () => {
    const trained = await model(settings)
    trainSteps(trained, { steps: 3, batchSize: 5 })
    await expectGradients(trained, batch, dgrLoss64(dense, settings, batch))
  })

  it('differ from those of a wrong reference', async () => {
    const own = await model(settings)
    for (const wrong of [
      { desmoothing: [0.3, 1.1, 0.21] },
      { share: 0.51 },
      { neighbours: 1 },
      { neighbourWeight: 0.201 },
      { marginalWeight: 0.151 },
      { marginal: 'bounded' },
      { regularization: 'layer-zero' },
      { l2Weight: 0.63 },
    ] as const) {
      const reference = dgrLoss64(dense, { ...settings, ...wrong }, batch)
      await expect(expectGradients(own, batch, reference), JSON.stringify(wrong)).rejects.toThrow()
    }
  })
})
