import type { Id, Ranker } from '@gnnrec/graph'
import type { EmbeddingRecommender, Recommendation } from '@gnnrec/serving'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { TrainingHistory, TrainingMemory } from '@gnnrec/train'
import type { OutOfCoreRecommendOptions } from '../serving/recommend-all.js'

/** The way that a training went, and the reason. */
export interface FitDecision {
  readonly way: 'memory' | 'files'
  /** Reason as a sentence with numbers. */
  readonly reason: string
  /** The estimate for a training in memory; undefined where the way was clear without one. */
  readonly estimate: TrainingMemory | undefined
}

/** A model that {@link trainWithin} trained, the same whichever way it went. */
export interface FittedModel {
  readonly decision: FitDecision
  /** History of the training. */
  readonly history: TrainingHistory
  /** A ranker for `evaluate`, valid until {@link close}; embeddings in files stay there. */
  ranker(): Promise<Ranker>
  /** The best items for all users, block by block; valid until {@link close}. */
  recommendAll(options?: OutOfCoreRecommendOptions): AsyncIterableIterator<Recommendation<Id, Id>[]>
  /** The model, frozen, with all final embeddings in memory. */
  toRecommender(): Promise<EmbeddingRecommender>
  /** Parameters by name, all in memory; `restoreWeights` of a model takes them. */
  weights(): Promise<Map<string, HostTensor>>
  /** Saves the model into a folder (path or file URL), to the same files either way. */
  save(target: string | URL): Promise<void>
  /** Frees what the model has; it cannot be used afterwards. */
  close(): Promise<void>
}
