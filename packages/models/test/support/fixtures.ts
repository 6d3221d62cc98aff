import { readdirSync, readFileSync } from 'node:fs'
import type { Edge } from './graphs.js'
import type { OptimizerSettings } from './training.js'

/** A tensor of a fixture, row-major. */
export interface FixtureTensor {
  readonly shape: number[]
  readonly data: number[]
}

interface FixtureBatch {
  readonly users: number[]
  readonly positives: number[]
  readonly negatives: number[]
}

type Losses = Readonly<Record<string, number>>
type Tensors = Readonly<Record<string, FixtureTensor>>

interface FixtureBase {
  readonly model: string
  readonly case: string
  readonly note: string
  readonly graph: {
    users: number
    items: number
    edges: Edge[]
    distinctEdges: number
    userDegrees: number[]
    itemDegrees: number[]
  }
  readonly params: Readonly<Record<string, unknown>>
  readonly trainable: string[]
  readonly tensors: Tensors
}

/** State after some steps of an optimizer. */
interface AfterSteps {
  readonly lossesBeforeEachStepAndAfterLast: Losses[]
  readonly parameters: Tensors
}

/** `kind: "model"` of the reference fixtures. */
export interface ModelFixture extends FixtureBase {
  readonly kind: 'model'
  readonly optimiser: StepSettings | StepSettings[]
  readonly batch: FixtureBatch
  readonly expected: {
    layers?: FixtureTensor[]
    output: { users: FixtureTensor; items: FixtureTensor }
    evalOutput?: { users: FixtureTensor; items: FixtureTensor }
    scores: FixtureTensor
    loss: Losses
    gradients: Tensors
    afterAdam?: AfterSteps
    afterSgd?: AfterSteps
  }
  readonly diagnostics: { recommendedAfterTolerance: number }
}

/** `kind: "trajectory"`: another batch each step. */
export interface TrajectoryFixture extends FixtureBase {
  readonly kind: 'trajectory'
  readonly optimiser: StepSettings
  readonly batches: FixtureBatch[]
  readonly expected: { lossesBeforeEachStep: Losses[]; parametersAfterEachStep: Tensors[] }
  readonly diagnostics: { float32Shadow: { afterParametersMaxAbs: number } }
}

export interface StepSettings extends OptimizerSettings {
  readonly steps: number
}

export const fixtureFolder = new URL('../fixtures/', import.meta.url)

/** All fixtures of a model, `'lightgcn'` for one, in the order of their names. */
export function fixturesOf(model: string): (ModelFixture | TrajectoryFixture)[] {
  return readdirSync(fixtureFolder)
    .filter((name) => name.startsWith(`${model}--`))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, fixtureFolder), 'utf8')))
}
