import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { Gcnii } from '../../src/gcnii/gcnii.js'
import type { GcniiOptions } from '../../src/gcnii/gcnii-options.js'
import { describeEachBackend } from '../support/backends.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { expectGradients, type Nodes64 } from '../support/reference.js'
import {
  type GcniiSettings64,
  gcniiLayers64,
  gcniiLoss64,
  loopedOperator64,
} from '../support/reference-gcnii.js'
import { batchOf, trainSteps, weightValues } from '../support/training.js'

// Rows repeat within and across the columns; the isolated user 5 and item 4 take part.
const batch = batchOf([0, 1, 1, 3, 6, 5, 0], [1, 2, 2, 0, 3, 2, 1], [4, 0, 3, 1, 4, 0, 2])
const several = batchOf([0, 1, 5], [1, 2, 2], [4, 0, 3, 1, 4, 0])
const heads = ['linear', 'linear-without-bias', 'none'] as const

const settings: GcniiSettings64 = {
  layers: 3,
  variant: 'gcnii',
  initialResidual: 0.2,
  identityDecay: 1.2,
  activation: 'relu',
  l2Weight: 0.05,
}

const cases: Record<string, Partial<GcniiSettings64>> = {
  'GCNII with ReLU': {},
  'GCNII, linear': { activation: 'identity' },
  'GCNII* with ReLU': { variant: 'gcnii*' },
  'GCNII*, linear': { variant: 'gcnii*', activation: 'identity' },
  'GCNII of the form for PPI': { layerResidual: true },
  'GCNII* of the form for PPI, linear': {
    layerResidual: true,
    variant: 'gcnii*',
    activation: 'identity',
  },
  'one layer of the form for PPI': { layerResidual: true, layers: 1 },
  'one layer': { layers: 1 },
  'one layer of GCNII*': { layers: 1, variant: 'gcnii*' },
  'no layers': { layers: 0 },
  'no residual': { initialResidual: 0 },
  'no graph': { initialResidual: 1 },
  'no weights': { identityDecay: 0 },
}

function make(whole: GcniiSettings64, more: GcniiOptions = {}): Gcnii {
  const options = { embeddingDim: 5, initialDeviation: 1, seed: 8 }
  return owned(new Gcnii(graphOf(smallGraph), { ...options, ...whole, ...more }))
}

type Enter = Parameters<typeof gcniiLoss64>[3]

/** Expects no ReLU near its kink, where a difference is none of the gradient. */
async function expectSmooth(model: Gcnii, whole: GcniiSettings64, enter?: Enter): Promise<void> {
  if (whole.activation === 'identity') return
  const weights = Object.entries(await weightValues(model))
  const parameters = Object.fromEntries(weights.map(([name, v]) => [name, Float64Array.from(v)]))
  const given = { ...whole, userCount: smallGraph.users }
  const { before } = gcniiLayers64(loopedOperator64(smallGraph), parameters, given, enter)
  // A row that follows from rows of zeros stays 0.
  const values = before.flatMap((nodes) => [...nodes.values]).filter((value) => value !== 0)
  expect(Math.min(...values.map(Math.abs))).toBeGreaterThan(2e-4)
  for (const sign of [1, -1]) {
    expect(values.filter((value) => sign * value > 0).length).toBeGreaterThan(values.length / 10)
  }
}

describeEachBackend('gradients of Gcnii against central differences', () => {
  for (const [name, changed] of Object.entries(cases)) {
    const whole = { ...settings, ...changed }
    for (const head of heads) {
      it(`agree for ${name}, head: ${head}`, async () => {
        const model = make(whole, { head })
        if (whole.layers > 0) await expectSmooth(model, whole)
        await expectGradients(model, batch, gcniiLoss64(smallGraph, whole, batch))
      })
    }
  }

  it('agree after several steps, and with several negatives', async () => {
    for (const variant of ['gcnii', 'gcnii*'] as const) {
      const whole = { ...settings, variant }
      const model = make(whole)
      const reference = gcniiLoss64(smallGraph, whole, several)
      await expectGradients(model, several, reference)
      trainSteps(model, { steps: 5, batchSize: 5 })
      await expectSmooth(model, whole)
      await expectGradients(model, several, reference)
    }
  })

  it('agree through dropout, of the input of the head too', async () => {
    const dropout = 0.4
    for (const variant of ['gcnii', 'gcnii*'] as const) {
      for (const head of heads) {
        const whole = { ...settings, variant }
        const model = make(whole, { dropout, head })
        const rng = Rng.fromSeed('dropout')
        model.beginEpoch(2, rng, { startStep: 5 })
        const stream = rng.fork('steps').fork('2/5')
        const enter = (x: Nodes64, layer: number): Nodes64 => {
          const split = smallGraph.users * x.dim
          const values = x.values.map((value, place) => {
            const isItem = place >= split
            const u = stream.uniformAt(2 * layer + (isItem ? 1 : 0), isItem ? place - split : place)
            return u < dropout ? 0 : value / (1 - dropout)
          })
          return { ...x, values }
        }
        await expectSmooth(model, whole, enter)
        await expectGradients(model, batch, gcniiLoss64(smallGraph, whole, batch, enter))
      }
    }
  })

  it('differ from those of a wrong reference', async () => {
    const model = make(settings)
    for (const wrong of [
      { initialResidual: 0.21 },
      { identityDecay: 1.19 },
      { activation: 'identity' },
      { layers: 2 },
      { l2Weight: 0.051 },
      { layerResidual: true },
    ] as const) {
      const reference = gcniiLoss64(smallGraph, { ...settings, ...wrong }, batch)
      await expect(
        expectGradients(model, batch, reference),
        JSON.stringify(wrong),
      ).rejects.toThrow()
    }
  })
})
