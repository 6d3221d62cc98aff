import type { Batch, BipartiteGraph } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import type { GraphModel } from '../../src/index.js'
import { describeEachBackend } from './backends.js'
import { expectClose, largest, largestDifference } from './compare.js'
import {
  type FixtureTensor,
  fixturesOf,
  type ModelFixture,
  type StepSettings,
  type TrajectoryFixture,
} from './fixtures.js'
import { graphOf, owned } from './graphs.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  setWeights,
  TestOptimizer,
  weightValues,
} from './training.js'

type Fixture = ModelFixture | TrajectoryFixture

/** The check of one architecture against its fixtures. */
export interface FixtureSuite {
  /** Begin of the file names: `'lightgcn'`. */
  readonly model: string
  /** Number of files, so that none is lost. */
  readonly count: number
  /** The model of a fixture, ready to train on it; weights are set afterwards. */
  create(graph: BipartiteGraph, fixture: Fixture): GraphModel
  /** Our names of parameters by those of the fixture, where they differ. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Our names of the loss terms by those of the fixture. */
  readonly terms: Readonly<Record<string, string>>
  /** Factor on a fixture's term that makes it ours, where they differ in scale. @defaultValue 1 */
  readonly scale?: (term: string, fixture: Fixture) => number
  /** Returns true when a model leaves a fixture's term out, as its weight is 0. @defaultValue no term */
  readonly isLeftOut?: (term: string, fixture: Fixture) => boolean
  /** The batch of a fixture, for models whose batches hold more than triples. */
  readonly batch?: (fixture: ModelFixture) => Batch
}

const relative = 2e-5

/**
 * Layers, output, scores, loss by term, gradients and parameters after some steps of every fixture
 * of a model, on every backend, with the tolerances that the fixtures recommend for float32.
 */
export function describeFixtures(suite: FixtureSuite): void {
  const fixtures = fixturesOf(suite.model)
    .filter(({ kind }) => kind === 'model' || kind === 'trajectory')
    .map((fixture) => withNames(fixture, suite.parameters))
  it(`has ${suite.count} fixtures of ${suite.model}`, () => {
    expect(fixtures).toHaveLength(suite.count)
  })
  describeEachBackend(`fixtures of ${suite.model}`, () => {
    for (const fixture of fixtures) {
      describe(`${fixture.case} (${fixture.note})`, () => {
        if (fixture.kind === 'model') describeModel(suite, fixture)
        else describeTrajectory(suite, fixture)
      })
    }
  })
}

/** The fixture with our names of parameters, wherever it names them. */
function withNames<Any extends object>(fixture: Any, names: Readonly<Record<string, string>> = {}) {
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename)
    if (typeof value === 'string') return names[value] ?? value
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [names[k] ?? k, rename(v)]))
  }
  return rename(fixture) as Any
}

async function prepare(suite: FixtureSuite, fixture: Fixture): Promise<GraphModel> {
  const graph = graphOf(fixture.graph)
  const model = owned(suite.create(graph, fixture))
  await model.prepare()
  setWeights(
    model,
    Object.fromEntries(fixture.trainable.map((name) => [name, tensorOf(fixture, name).data])),
  )
  return model
}

function describeModel(suite: FixtureSuite, fixture: ModelFixture): void {
  const { expected, batch } = fixture
  const ownBatch = suite.batch?.(fixture) ?? batchOf(batch.users, batch.positives, batch.negatives)

  it('has the degrees and the parameters', async () => {
    const model = await prepare(suite, fixture)
    expect([...model.graph.userDegrees]).toEqual(fixture.graph.userDegrees)
    expect([...model.graph.itemDegrees]).toEqual(fixture.graph.itemDegrees)
    expect(model.graph.edgeCount).toBe(fixture.graph.distinctEdges)
    const shapes = Object.entries(model.parameters()).map(([name, { shape }]) => [name, shape])
    expect(shapes).toEqual(fixture.trainable.map((name) => [name, tensorOf(fixture, name).shape]))
  })

  // The layers of a fixture with an evalOutput are those of its training graph.
  if (expected.layers && !expected.evalOutput) {
    const expectedLayers = expected.layers
    it('gives the layers', async () => {
      const actual = layers(await prepare(suite, fixture))
      expect(actual).toHaveLength(expectedLayers.length)
      for (const [l, layer] of actual.entries()) expectTensor(layer, expectedLayers[l])
    })
  }

  it('gives the output and the scores', async () => {
    const actual = output(await prepare(suite, fixture), { training: true })
    expectTensor(actual.users, expected.output.users)
    expectTensor(actual.items, expected.output.items)
    const { data, shape } = expected.scores
    expectClose(scores(actual, shape[0]), data, relative * largest(data))
  })

  if (expected.evalOutput) {
    const { users, items } = expected.evalOutput
    it('gives the output of evaluation', async () => {
      const actual = output(await prepare(suite, fixture))
      expectTensor(actual.users, users)
      expectTensor(actual.items, items)
    })
  }

  it('gives the loss by term', async () => {
    expectLosses(
      suite,
      fixture,
      evaluateLoss(await prepare(suite, fixture), ownBatch),
      expected.loss,
    )
  })

  it('gives the gradient of every parameter', async () => {
    const { gradients } = evaluateLoss(await prepare(suite, fixture), ownBatch)
    const most = Math.max(...Object.values(expected.gradients).map(({ data }) => largest(data)))
    expect(Object.keys(gradients)).toEqual(fixture.trainable)
    for (const [name, { data }] of Object.entries(expected.gradients)) {
      const scale = Math.max(largest(data), 1e-3 * most)
      expectClose(gradients[name] as Float32Array, data, 2e-4 * scale)
    }
  })

  for (const settings of [fixture.optimiser].flat()) {
    const after = settings.type === 'adam' ? expected.afterAdam : expected.afterSgd
    if (!after) throw new Error(`${fixture.case} expects nothing after ${settings.type}.`)
    it(`gives losses and parameters through ${settings.steps} steps of ${settings.type}`, async () => {
      const model = await prepare(suite, fixture)
      const losses = after.lossesBeforeEachStepAndAfterLast
      await withOptimizer(model, settings, (optimizer) => {
        for (let step = 0; step < settings.steps; step++) {
          expectLosses(suite, fixture, optimizer.step(ownBatch), losses[step])
        }
      })
      expectLosses(suite, fixture, evaluateLoss(model, ownBatch), losses[settings.steps])
      const values = await weightValues(model)
      for (const name of fixture.trainable) {
        const { data } = after.parameters[name] as FixtureTensor
        const value = values[name] as Float32Array
        expectClose(value, data, fixture.diagnostics.recommendedAfterTolerance)
        expectUnmoved(value, tensorOf(fixture, name).data, data)
      }
    })
  }
}

function describeTrajectory(suite: FixtureSuite, fixture: TrajectoryFixture): void {
  it(`follows losses and parameters through ${fixture.batches.length} batches`, async () => {
    const model = await prepare(suite, fixture)
    const { lossesBeforeEachStep, parametersAfterEachStep } = fixture.expected
    await withOptimizer(model, fixture.optimiser, async (optimizer) => {
      for (const [step, { users, positives, negatives }] of fixture.batches.entries()) {
        const evaluation = optimizer.step(batchOf(users, positives, negatives))
        expectLosses(suite, fixture, evaluation, lossesBeforeEachStep[step])
        const values = await weightValues(model)
        for (const [name, { data }] of Object.entries(parametersAfterEachStep[step] ?? {})) {
          // The rule of the other fixtures: three times the float32 shadow run, at least 1e-6.
          const shadow = 3 * fixture.diagnostics.float32Shadow.afterParametersMaxAbs
          expectClose(values[name] as Float32Array, data, Math.max(1e-6, shadow))
        }
      }
    })
  })
}

async function withOptimizer(
  model: GraphModel,
  settings: StepSettings,
  use: (optimizer: TestOptimizer) => void | Promise<void>,
): Promise<void> {
  const optimizer = new TestOptimizer(model, settings)
  try {
    await use(optimizer)
  } finally {
    optimizer.dispose()
  }
}

function expectLosses(
  { terms, scale = () => 1, isLeftOut = () => false }: FixtureSuite,
  fixture: Fixture,
  actual: { total: number; terms: Readonly<Record<string, number>> },
  expected: Readonly<Record<string, number>> = {},
): void {
  const { total, ...parts } = expected
  expect(Object.keys(parts)).toEqual(Object.keys(terms))
  expectRelative(actual.total, total as number)
  for (const [name, value] of Object.entries(parts)) {
    const own = actual.terms[terms[name] as string]
    if (isLeftOut(name, fixture)) expect(own).toBeUndefined()
    else expectRelative(own as number, scale(name, fixture) * value)
  }
}

function expectRelative(actual: number, expected: number): void {
  expectClose([actual], [expected], relative * Math.abs(expected))
}

function expectTensor(actual: Float32Array, expected: FixtureTensor | undefined): void {
  const { data } = expected as FixtureTensor
  expectClose(actual, data, relative * largest(data))
}

/** Checks that numbers stay that the reference does not move: Adam makes steps of rounding noise. */
function expectUnmoved(actual: Float32Array, before: number[], after: number[]): void {
  const still = before.flatMap((value, i) => (value === after[i] ? [i] : []))
  const pick = (values: ArrayLike<number>) => still.map((i) => values[i] as number)
  expect(largestDifference(pick(actual), pick(before))).toBe(0)
}

function tensorOf(fixture: Fixture, name: string): FixtureTensor {
  const tensor = fixture.tensors[name]
  if (!tensor) throw new Error(`${fixture.case} has no tensor ${name}.`)
  return tensor
}

function scores(
  { users, items }: { users: Float32Array; items: Float32Array },
  userCount = 0,
): Float64Array {
  const dim = users.length / userCount
  const itemCount = items.length / dim
  return Float64Array.from({ length: userCount * itemCount }, (_, place) => {
    const [user, item] = [Math.floor(place / itemCount) * dim, (place % itemCount) * dim]
    let sum = 0
    for (let c = 0; c < dim; c++) sum += (users[user + c] as number) * (items[item + c] as number)
    return sum
  })
}
