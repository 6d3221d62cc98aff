import type { MetricAtK } from '@gnnrec/eval'
import type { Batch, BipartiteGraph, Ranker, Split } from '@gnnrec/graph'
import type { OptimizerSettings } from '@gnnrec/models'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'
import type { DataGradient } from './data-gradient.js'
import type { ResolvedGuards } from './guard-options.js'
import type { LossProbe } from './loss-probe.js'
import type { ParameterSample } from './parameter-samples.js'
import type { SampledNodes } from './sampled-nodes.js'

/** The rows of the sampled nodes in a layer, row-major. */
interface SampledLayer {
  /** Name of the layer. */
  readonly name: string
  readonly users: Float32Array
  readonly items: Float32Array
  /** Length of a row. */
  readonly dim: number
}

/** A model in training as guards see it, whether its tables are in memory or in files. */
export interface GuardedModel {
  readonly architecture: string
  readonly options: Readonly<Record<string, unknown>>
  readonly graph: BipartiteGraph
  /** Reads rows of tables and numbers of other parameters. */
  samples(nodes: SampledNodes): Promise<ParameterSample[]>
  /** Returns a ranker of the present parameters, to be released after use. */
  ranker(): Promise<{ readonly ranker: Ranker; release(): void }>
  /** Yields the layers, and the final embeddings under the name of {@link finalEmbeddings}. */
  layers(nodes: SampledNodes): AsyncIterable<SampledLayer>
  /** Splits the gradient of a batch, as `measureDataGradient` does. */
  dataGradient(batch: Batch): Promise<DataGradient>
  /** Computes the loss of a batch, as `probeLoss` does; left out where no embedding can outlive a step. */
  probe?(batch: Batch): Promise<LossProbe>
}

/** The name of the final embeddings, beside `'layer 2'` and the like. */
export const finalEmbeddings = 'the final embeddings'

/** A training that guards examine. */
export interface GuardedTraining {
  readonly model: GuardedModel
  /** The split that is evaluated on; undefined when nothing is evaluated. */
  readonly split?: Split | undefined
  readonly epochs: number
  /** Names of the validation metrics; the first decides which epoch is best. */
  readonly metrics: readonly string[]
  /** Those of them that are not built in. */
  readonly ownMetrics: ReadonlyMap<string, MetricAtK>
  readonly schedule: LearningRateSchedule
  readonly learningRate: number
  readonly optimizer: OptimizerSettings
  readonly clipNorm?: number | undefined
  readonly clipValue?: number | undefined
  readonly guards: ResolvedGuards
  readonly weightDecay: Readonly<Record<string, number>>
  readonly seed: number | string
}
