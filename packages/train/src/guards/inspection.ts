import { type Rng, yieldToEventLoop } from '@gnnrec/graph'
import type { EpochRecord } from '../record/training-history.js'
import type { DataGradient } from './data-gradient.js'
import { sharedDirection } from './direction.js'
import type { PatientGuardCode } from './guard-options.js'
import type { MutableGuardState } from './guard-state.js'
import type { GuardedTraining } from './guarded-model.js'
import type { ParameterSample } from './parameter-samples.js'
import { popularityOf } from './popularity-baseline.js'
import { probeBatch, probeSize } from './probe-batch.js'
import type { SampledNodes } from './sampled-nodes.js'
import { sampledScores } from './sampled-scores.js'
import { ValidationTrend } from './validation-trend.js'

/** Number of sampled users for each one whose list is examined. */
export const usersPerList = 2
/** Number of steps for which a suspicion must have lasted, too, since small data sets have short epochs. */
const patientSteps = 500

/** The end of an epoch that guards examine. */
export interface InspectedEpoch {
  /** Number of epochs that are complete, this one included; 0 before the first. */
  readonly epoch: number
  readonly totalSteps: number
  /** Records of all complete epochs, this one included. */
  readonly records?: readonly EpochRecord[]
  /** Share of degenerate lists in the evaluation of this epoch; undefined without one. */
  readonly degenerate?: { readonly share: number; readonly isFlagged: boolean } | undefined
}

/** A measure of how far the rows of one layer share a direction. */
export interface LayerDirection {
  /** Name of the layer, such as `'layer 2'`, or of the final embeddings. */
  readonly name: string
  readonly side: 'users' | 'items'
  /** Mean squared cosine of two rows; see {@link sharedDirection}. */
  readonly shared: number
}

/** The measures of guards at one moment of a training. Each is computed once, and only if it is asked for. */
export class Inspection {
  readonly settings: GuardedTraining
  readonly state: MutableGuardState
  readonly at: InspectedEpoch
  /** Signal that ends long computations. */
  readonly signal: AbortSignal
  readonly #rng: Rng
  readonly #sampledNodes: () => SampledNodes
  #samples: Promise<ParameterSample[]> | undefined
  #scores: Promise<Float32Array[]> | undefined
  #dataGradient: Promise<DataGradient | undefined> | undefined

  /**
   * @param nodes - returns the nodes whose rows are examined, the same at every moment
   * @param rng - the random numbers of guards, for batches
   */
  constructor(
    settings: GuardedTraining,
    state: MutableGuardState,
    at: InspectedEpoch,
    nodes: () => SampledNodes,
    rng: Rng,
    signal: AbortSignal,
  ) {
    this.settings = settings
    this.state = state
    this.at = at
    this.signal = signal
    this.#rng = rng
    this.#sampledNodes = nodes
  }

  /** Reads rows of tables and numbers of other parameters. */
  samples(): Promise<ParameterSample[]> {
    this.#samples ??= this.settings.model.samples(this.#sampledNodes())
    return this.#samples
  }

  /** Computes the scores of all items for some users, in a row each. */
  scores(): Promise<Float32Array[]> {
    this.#scores ??= this.#computeScores()
    return this.#scores
  }

  async #computeScores(): Promise<Float32Array[]> {
    const { ranker, release } = await this.settings.model.ranker()
    try {
      await yieldToEventLoop()
      const { users } = this.#sampledNodes()
      const some = users.filter((_, place) => place % usersPerList === 0)
      return await sampledScores(ranker, some)
    } finally {
      release()
    }
  }

  /** Measures how far the rows of each layer, and of the final embeddings, share a direction. */
  async directions(): Promise<LayerDirection[]> {
    const directions: LayerDirection[] = []
    for await (const { name, dim, ...rows } of this.settings.model.layers(this.#sampledNodes())) {
      // In one dimension all rows share a direction.
      if (dim === 1) continue
      for (const side of ['users', 'items'] as const) {
        directions.push({ name, side, shared: sharedDirection(rows[side], dim) })
      }
    }
    return directions
  }

  /** Splits the gradient by what depends on the positives; returns undefined if no batch can be drawn. */
  dataGradient(): Promise<DataGradient | undefined> {
    this.#dataGradient ??= this.#measureDataGradient()
    return this.#dataGradient
  }

  async #measureDataGradient(): Promise<DataGradient | undefined> {
    const { model } = this.settings
    const batch = probeBatch(model.graph, probeSize, this.#rng.fork(`probe/${this.at.epoch}`))
    return batch && (await model.dataGradient(batch))
  }

  /** Returns the course of validation; undefined where no metric has a value per user. */
  validation(): ValidationTrend | undefined {
    const { records = [], epoch } = this.at
    const { metrics, ownMetrics } = this.settings
    const builtIn = metrics.filter((name) => !ownMetrics.has(name))
    return ValidationTrend.of(builtIn, records, epoch)
  }

  /** Returns the value of a metric that Popularity, which trains nothing, reaches on the validation part. */
  async popularity(metric: string): Promise<number> {
    const { state, settings, signal } = this
    state.popularity ??= await popularityOf(metric, settings, signal)
    return state.popularity
  }

  /** Returns true when a suspicion has held at every check for as long as the guard waits. */
  hasLasted(code: PatientGuardCode, isSo: boolean): boolean {
    const { state, settings, at } = this
    const { [code]: before, ...others } = state.since
    const { epoch, totalSteps } = before ?? at
    const since = { epoch, totalSteps }
    state.since = isSo ? { ...others, [code]: since } : others
    return (
      isSo &&
      at.epoch - since.epoch >= settings.guards.afterEpochs[code] &&
      at.totalSteps - since.totalSteps >= patientSteps
    )
  }
}
