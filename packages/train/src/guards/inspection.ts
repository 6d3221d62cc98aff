import { type Rng, yieldToEventLoop } from '@gnnrec/graph'
import type { EpochRecord } from '../record/training-history.js'
import type { DataGradient } from './data-gradient.js'
import { sharedDirection } from './direction.js'
import type { PatientGuardCode } from './guard-options.js'
import type { MutableGuardState } from './guard-state.js'
import type { GuardedTraining } from './guarded-model.js'
import type { ParameterSample } from './parameter-samples.js'
import { popularityOf } from './popularity-baseline.js'
import { PROBE_SIZE, probeBatch } from './probe-batch.js'
import type { SampledNodes } from './sampled-nodes.js'
import { sampledScores } from './sampled-scores.js'
import { ValidationTrend } from './validation-trend.js'

/** Of so many sampled users the lists of one are looked at. */
const usersPerList = 2
/** What lasts is reported when it has lasted for so many steps, too: small sets have short epochs. */
const patientSteps = 500

/** The end of an epoch, as guards see it. */
export interface InspectedEpoch {
  /** Epochs that are complete, this one included; 0 before the first. */
  readonly epoch: number
  readonly totalSteps: number
  /** Records of all complete epochs, the one at hand included. */
  readonly records?: readonly EpochRecord[]
  /** Share of degenerate lists among those of the validation, where there was one. */
  readonly degenerate?: { readonly share: number; readonly isFlagged: boolean } | undefined
}

/** Rows of one layer that share a direction. */
export interface LayerDirection {
  /** `'layer 2'`, or that of the final embeddings. */
  readonly name: string
  readonly side: 'users' | 'items'
  /** See {@link sharedDirection}. */
  readonly shared: number
}

/** What guards measure at one moment of a training, each measure once and only if asked for. */
export class Inspection {
  readonly settings: GuardedTraining
  readonly state: MutableGuardState
  readonly at: InspectedEpoch
  /** Ends what takes long. */
  readonly signal: AbortSignal
  readonly #rng: Rng
  readonly #sampledNodes: () => SampledNodes
  #samples: Promise<ParameterSample[]> | undefined
  #scores: Promise<Float32Array[]> | undefined

  /**
   * @param nodes - whose rows are looked at, the same at every moment
   * @param rng - the stream of guards, for batches
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

  /** Rows of tables and numbers of other parameters. */
  samples(): Promise<ParameterSample[]> {
    this.#samples ??= this.settings.model.samples(this.#sampledNodes())
    return this.#samples
  }

  /** Scores of all items for some users, a row each. */
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

  /** How far rows of each layer and of the final embeddings share a direction. */
  async directions(): Promise<LayerDirection[]> {
    const directions: LayerDirection[] = []
    for await (const { name, dim, ...rows } of this.settings.model.layers(this.#sampledNodes())) {
      // One dimension has one direction.
      if (dim === 1) continue
      for (const side of ['users', 'items'] as const) {
        directions.push({ name, side, shared: sharedDirection(rows[side], dim) })
      }
    }
    return directions
  }

  /** What of the gradient depends on which items are positives; undefined if no batch can be drawn. */
  async dataGradient(): Promise<DataGradient | undefined> {
    const { model } = this.settings
    const batch = probeBatch(model.graph, PROBE_SIZE, this.#rng.fork(`probe/${this.at.epoch}`))
    return batch && (await model.dataGradient(batch))
  }

  /** What validation says so far; undefined where no metric has a value per user. */
  validation(): ValidationTrend | undefined {
    const { records = [], epoch } = this.at
    return ValidationTrend.of(this.settings.metrics, records, epoch)
  }

  /** What Popularity, which trains nothing, reaches by a metric on validation. */
  async popularity(metric: string): Promise<number> {
    const { state, settings, signal } = this
    state.popularity ??= await popularityOf(metric, settings, signal)
    return state.popularity
  }

  /** Whether something has been so at every check for as long as the guard waits. */
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
