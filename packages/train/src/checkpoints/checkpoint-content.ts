import type { SavedFile, StateFile, TrainingState } from '../loop/training-port.js'
import type { TrainingProgress } from '../record/training-progress.js'
import type { TrainingIdentity } from './training-identity.js'

/** Everything that the next step of a training needs. */
export interface CheckpointContent<File = StateFile> extends TrainingState<File> {
  readonly identity: TrainingIdentity
  readonly progress: TrainingProgress
}

/** The content of a checkpoint that was read. */
export type ReadCheckpoint = CheckpointContent<SavedFile>
