import type { Batch, BipartiteGraph, Ranker, Split } from '@gnnrec/graph'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'
import type { DataGradient } from './data-gradient.js'
import type { ResolvedGuards } from './guard-options.js'
import type { LossProbe } from './loss-probe.js'
import type { ParameterSample } from './parameter-samples.js'
import type { SampledNodes } from './sampled-nodes.js'

/** Rows of the sampled nodes in a layer, row-major. */
export interface SampledLayer {
  readonly name: string
  readonly users: Float32Array
  readonly items: Float32Array
  /** Numbers of a row. */
  readonly dim: number
}

/** What guards ask of a model in training, wherever its tables are. */
export interface GuardedModel {
  readonly architecture: string
  readonly options: Readonly<Record<string, unknown>>
  readonly graph: BipartiteGraph
  /** Rows of tables and numbers of other parameters. */
  samples(nodes: SampledNodes): Promise<ParameterSample[]>
  /** The model as it stands, to be let go of. */
  ranker(): Promise<{ readonly ranker: Ranker; release(): void }>
  /** Layers and final embeddings, the latter under the name of {@link finalEmbeddings}. */
  layers(nodes: SampledNodes): AsyncIterable<SampledLayer>
  /** See `measureDataGradient`. */
  dataGradient(batch: Batch): Promise<DataGradient>
  /** See `probeLoss`; left out where no embedding can outlive a step. */
  probe?(batch: Batch): Promise<LossProbe>
}

/** The name of what is ranked by, beside `'layer 2'` and the like. */
export const finalEmbeddings = 'the final embeddings'

/** The training that guards look at. */
export interface GuardedTraining {
  readonly model: GuardedModel
  readonly split: Split
  readonly epochs: number
  /** Validation metrics, that which decides first. */
  readonly metrics: readonly string[]
  readonly schedule: LearningRateSchedule
  readonly guards: ResolvedGuards
  readonly weightDecay: Readonly<Record<string, number>>
  readonly seed: number | string
}
