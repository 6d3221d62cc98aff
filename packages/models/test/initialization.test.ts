import { BipartiteGraph, fromRecords, Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { type GraphModel, initializeTable, models, SvdGcn } from '../src/index.js'
import { owned } from './support/graphs.js'
import { weightValues } from './support/training.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

const [users, items] = [300, 180]

/** Makes a graph with other numbers of users and items. */
function graph(): BipartiteGraph {
  return BipartiteGraph.fromInteractions(
    fromRecords(
      Array.from({ length: users }, (_, user) => user).flatMap((user) =>
        [user % items, (7 * user + 3) % items].map((item) => ({ user, item })),
      ),
    ),
  )
}

/** Deviation around 0, and largest size. */
function spreadOf(values: ArrayLike<number>): { deviation: number; largest: number } {
  let [squares, largest] = [0, 0]
  for (const value of Array.from(values)) {
    squares += value * value
    largest = Math.max(largest, Math.abs(value))
  }
  return { deviation: Math.sqrt(squares / values.length), largest }
}

/**
 * Expects uniform numbers in ±bound. The deviation of n of them varies by less than 1/√n, and the largest is
 * within a few n-ths of the bound.
 */
function expectUniform(values: ArrayLike<number>, bound: number): void {
  const { deviation, largest } = spreadOf(values)
  expect(Math.abs(deviation / (bound / Math.sqrt(3)) - 1)).toBeLessThan(
    4 / Math.sqrt(values.length),
  )
  expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-6))
  expect(largest).toBeGreaterThan(bound * (1 - 20 / values.length))
}

/** Expects normal numbers, of which ten thousand or more hardly all stay within three deviations. */
function expectNormal(values: ArrayLike<number>, expected: number): void {
  const { deviation, largest } = spreadOf(values)
  expect(Math.abs(deviation / expected - 1)).toBeLessThan(4 / Math.sqrt(values.length))
  expect(largest).toBeGreaterThan(3 * expected)
  expect(largest).toBeLessThan(7 * expected)
}

const initialDeviation = 0.07
const embeddingDim = 64
const tables = models
  .names({ isTrained: true })
  .filter((name) => 'initialization' in optionsOf(name))

function optionsOf(architecture: string): object {
  return models.createTrained(graph(), { architecture, options: {} }).options
}

describe('the initial tables of every model', () => {
  it('are those of all models but SVD-GCN', () => {
    expect(models.names({ isTrained: true }).filter((name) => !tables.includes(name))).toEqual([
      'svd-gcn',
    ])
  })

  for (const architecture of tables) {
    it(`have the deviation and the bound that ${architecture} is asked for`, async () => {
      const tablesWith = async (settings: object) => {
        const options = { embeddingDim, seed: 5, ...settings }
        const model: GraphModel = owned(models.createTrained(graph(), { architecture, options }))
        const { userEmbeddings, itemEmbeddings } = await weightValues(model)
        return [
          { rows: users, values: userEmbeddings as Float32Array },
          { rows: items, values: itemEmbeddings as Float32Array },
        ]
      }
      for (const { values } of await tablesWith({ initialization: 'normal', initialDeviation })) {
        expectNormal(values, initialDeviation)
      }
      for (const { rows, values } of await tablesWith({ initialization: 'xavier-normal' })) {
        expectNormal(values, Math.sqrt(2 / (rows + embeddingDim)))
      }
      for (const { rows, values } of await tablesWith({ initialization: 'xavier-uniform' })) {
        expectUniform(values, Math.sqrt(6 / (rows + embeddingDim)))
      }
    })
  }
})

it('W of SVD-GCN starts at U(±√(6/(K+d)))', async () => {
  for (const [rank, width] of [
    [100, 64],
    [40, 150],
  ] as const) {
    const options = { variant: 'B', rank, embeddingDim: width } as const
    const { weight } = await weightValues(owned(new SvdGcn(graph(), options)))
    expect(weight).toHaveLength(rank * width)
    expectUniform(weight as Float32Array, Math.sqrt(6 / (rank + width)))
  }
})

it('initializeTable fills a table of any shape so', () => {
  const settings = { initialDeviation }
  for (const [rows, columns] of [
    [1000, 8],
    [8, 1000],
  ] as const) {
    const fill = (initialization: 'normal' | 'xavier-uniform' | 'xavier-normal') => {
      const values = new Float32Array(rows * columns)
      const rng = Rng.fromSeed(initialization)
      initializeTable(values, [rows, columns], rng, { ...settings, initialization })
      return values
    }
    expectNormal(fill('normal'), initialDeviation)
    expectNormal(fill('xavier-normal'), Math.sqrt(2 / (rows + columns)))
    expectUniform(fill('xavier-uniform'), Math.sqrt(6 / (rows + columns)))
  }
})

it('W of each layer of GCNII starts at U(±1/√d), and its head as the identity', async () => {
  for (const variant of ['gcnii', 'gcnii*'] as const) {
    const options = { embeddingDim, layers: 3, variant }
    const model = owned(models.createTrained(graph(), { architecture: 'gcnii', options }))
    const values = await weightValues(model)
    for (let layer = 0; layer < 3; layer++) {
      expectUniform(values[`conv.${layer}.weight`] as Float32Array, 1 / Math.sqrt(embeddingDim))
    }
    const head = Array.from(values['head.weight'] as Float32Array)
    const identity = head.map((_, place) => (place % (embeddingDim + 1) === 0 ? 1 : 0))
    expect(head).toEqual(identity)
  }
})

it('blocks of GroupShuffle start with the deviation that is asked for', async () => {
  const options = { embeddingDim: 128, blockSize: 32, blockDeviation: 0.3 }
  const model = owned(models.createTrained(graph(), { architecture: 'group-shuffle', options }))
  const blocks = Object.entries(await weightValues(model)).filter(([name]) => /^layer/.test(name))
  expect(blocks.length).toBeGreaterThan(0)
  for (const [, values] of blocks) expectNormal(values as Float32Array, 0.3)
})
