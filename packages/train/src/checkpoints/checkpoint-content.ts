import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { TrainingProgress } from '../record/training-progress.js'
import type { TrainingIdentity } from './training-identity.js'

type Tensors = ReadonlyMap<string, HostTensor>

/** Everything that the next step of a training needs. */
export interface CheckpointContent {
  readonly identity: TrainingIdentity
  readonly progress: TrainingProgress
  /** Optimiser steps by parameter. */
  readonly optimizerSteps: Readonly<Record<string, number>>
  readonly tensors: {
    readonly weights: Tensors
    readonly optimizer: Tensors
    /** The weights of the best epoch so far. */
    readonly best?: Tensors | undefined
  }
}
