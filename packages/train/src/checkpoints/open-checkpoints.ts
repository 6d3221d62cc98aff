import { CheckpointError, CheckpointMismatchError } from '../errors.js'
import type { ResolvedTrainerOptions } from '../options/trainer-options.js'
import type { CheckpointContent } from './checkpoint-content.js'
import { CheckpointStore, type FoundCheckpoint, findCheckpoint } from './checkpoint-store.js'
import { identityDifferences, identityOf, type TrainingIdentity } from './training-identity.js'

/** The folder and the checkpoint that a training begins with. */
export interface CheckpointSession {
  readonly identity: TrainingIdentity
  /** Undefined when no checkpoints are to be written. */
  readonly store: CheckpointStore | undefined
  /** Undefined when training begins at the start. */
  readonly from: CheckpointContent | undefined
  readonly warnings: readonly string[]
}

/**
 * Opens the folder of `checkpoint` and reads the checkpoint of `resume`; undefined when neither is set.
 *
 * @throws CheckpointLockedError when another training uses the folder
 * @throws CheckpointError when there is nothing to go on from, when the folder has checkpoints of an
 * earlier training and `resume` is not set, or when it cannot be read or written
 * @throws CheckpointMismatchError when the checkpoint is of other data, another model or other options
 */
export async function openCheckpoints(
  settings: ResolvedTrainerOptions,
  stepsPerEpoch: number,
): Promise<CheckpointSession | undefined> {
  const { checkpoint, resume } = settings
  if (!checkpoint && resume === undefined) return undefined
  const identity = identityOf(settings, stepsPerEpoch)
  const store = checkpoint && (await CheckpointStore.open(checkpoint.folder, checkpoint))
  try {
    const warnings: string[] = []
    const found = await resumeFrom(settings, store, (message) => warnings.push(message))
    if (found) checkIdentity(found, identity)
    return { identity, store, from: found?.content, warnings }
  } catch (error) {
    await store?.close()
    throw error
  }
}

async function resumeFrom(
  { resume, checkpoint }: ResolvedTrainerOptions,
  store: CheckpointStore | undefined,
  warn: (message: string) => void,
): Promise<FoundCheckpoint | undefined> {
  if (resume === undefined) {
    if (!store || store.isEmpty) return undefined
    throw new CheckpointError(
      `${store.folder} has checkpoints of an earlier training; go on from them with resume: 'latest', or choose another folder.`,
    )
  }
  const isOwnFolder = resume === 'latest' || resume === 'latest-or-start'
  const folder = isOwnFolder ? (checkpoint?.folder as string) : resume
  const found = await findCheckpoint(folder, warn)
  if (found || resume === 'latest-or-start') return found
  throw new CheckpointError(
    `There is no checkpoint in ${folder} to go on from; leave out resume, or use 'latest-or-start'.`,
  )
}

function checkIdentity({ path, content }: FoundCheckpoint, now: TrainingIdentity): void {
  const differences = identityDifferences(content.identity, now)
  if (differences.length === 0) return
  throw new CheckpointMismatchError(
    `${path} is of another training:\n${differences.map((line) => `  - ${line}`).join('\n')}\nGo on with the data, model and options of the checkpoint, or start anew in another folder.`,
  )
}
