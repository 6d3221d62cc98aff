import { expect, it } from 'vitest'
import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  type LossSettings,
} from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { largest } from '../support/compare.js'
import { graphOf, owned, randomGraph } from '../support/graphs.js'
import type { Nodes64 } from '../support/reference.js'
import {
  bceSum64,
  bprSum64,
  directAu64,
  itemChances64,
  type LossCase64,
  softmax64,
} from '../support/reference-losses.js'
import { batchOf, evaluateLoss, output } from '../support/training.js'

const list = randomGraph({ users: 12, items: 9, degree: 3 })
const batch = batchOf([0, 3, 3, 7, 11], [2, 5, 8, 5, 0], [1, 4, 0, 6, 7, 3, 2, 2, 8, 6])
const options = { embeddingDim: 8, l2Weight: 0 }

/** Every model whose loss is one of the losses, without what some add of their own. */
const models: Readonly<Record<string, (loss: LossSettings) => GraphModel>> = {
  BprMf: (loss) => new BprMf(graphOf(list), { ...options, loss }),
  LightGcn: (loss) => new LightGcn(graphOf(list), { ...options, loss }),
  LayerGcn: (loss) => new LayerGcn(graphOf(list), { ...options, loss, edgePruning: 0 }),
  Dgr: (loss) =>
    new Dgr(graphOf(list), { ...options, loss, neighbourWeight: 0, marginalWeight: 0 }),
  Gcnii: (loss) => new Gcnii(graphOf(list), { ...options, loss }),
  GroupShuffle: (loss) => new GroupShuffle(graphOf(list), { ...options, loss, blockSize: 2 }),
}

const chances = itemChances64(list, 'user-uniform')

const losses: readonly [LossSettings, (given: LossCase64) => number][] = [
  [{ name: 'bpr' }, (given) => bprSum64(given) / 10],
  [{ name: 'bce' }, (given) => bceSum64(given) / 15],
  [
    { name: 'sampled-softmax', itemBias: true },
    (given) => softmax64(given, { similarity: 'cosine', temperature: 0.1, chances }),
  ],
  [{ name: 'direct-au' }, (given) => directAu64(given, 1)],
]

function nodes(model: GraphModel): Nodes64 {
  const { users, items } = output(model)
  const values = Float64Array.from([...users, ...items])
  return { values, userCount: list.users, dim: users.length / list.users }
}

describeEachBackend('every model', () => {
  for (const [name, create] of Object.entries(models)) {
    for (const [loss, reference] of losses) {
      it(`${name} takes the loss '${loss.name}' on its final embeddings`, async () => {
        const model = owned(create(loss))
        await model.prepare()
        const { total, gradients } = evaluateLoss(model, batch)
        const expected = reference({ final: nodes(model), batch })
        expect(Math.abs(total - expected)).toBeLessThanOrEqual(2e-5 * Math.abs(expected))
        for (const table of ['userEmbeddings', 'itemEmbeddings']) {
          const most = largest(gradients[table] as Float32Array)
          expect(most).toBeGreaterThan(0)
          expect(most).toSatisfy(Number.isFinite)
        }
      })
    }
  }
})
