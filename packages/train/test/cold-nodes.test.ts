import { BipartiteGraph, fromRecords, Rng, type Split, splitRows } from '@gnnrec/graph'
import { type GraphModel, models } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { Trainer } from '../src/index.js'

beforeAll(() => useBackend('simd', { threads: 2 }))

/** Makes a split whose validation part has users and items that the train part does not have. */
function splitWithColdNodes(): Split {
  const rng = Rng.fromSeed('cold')
  const records = Array.from({ length: 60 * 6 }, (_, row) => ({
    user: Math.floor(row / 6),
    item: rng.integer(80),
  }))
  for (let item = 0; item < 80; item++) records.push({ user: item % 60, item })
  const table = fromRecords(records)
  const rows = Int32Array.from(table.userIndex.keys())
  const isCold = (row: number) => table.userIndex[row] % 10 === 4 || table.itemIndex[row] % 8 === 5
  return splitRows(
    table,
    { train: rows.filter((row) => !isCold(row)), validation: rows.filter(isCold), test: [] },
    { name: 'cold users and items' },
  )
}

const variants: Readonly<Record<string, readonly object[]>> = {
  'svd-gcn': ['S', 'B', 'U', 'I', 'M'].map((variant) => ({ variant, rank: 8 })),
}

describe('a training with cold users and items, under the defaults of Trainer', () => {
  for (const architecture of models.names({ isTrained: true })) {
    for (const options of variants[architecture] ?? [{}]) {
      it(`ends for ${architecture} ${JSON.stringify(options)}`, async () => {
        const split = splitWithColdNodes()
        const graph = BipartiteGraph.fromInteractions(split.train)
        const model = models.createTrained(graph, { architecture, options }) as GraphModel
        const history = await new Trainer({
          model,
          split,
          epochs: 2,
          batchSize: 32,
          metrics: ['recall@5'],
          progress: 'none',
        }).fit()
        const isTrained = Object.keys(model.parameters()).length > 0
        expect(history.stopReason).toBe(isTrained ? 'completed' : 'nothing-to-train')
        expect(history.epochs).toHaveLength(isTrained ? 2 : 0)
        for (const { loss } of history.epochs) expect(Number.isFinite(loss)).toBe(true)
        model.dispose()
        graph.dispose()
      })
    }
  }
})
