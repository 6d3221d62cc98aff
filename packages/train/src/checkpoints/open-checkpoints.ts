import { DisposedError, GnnRecError, InvalidOptionsError } from '@gnnrec/graph'
import { CheckpointError, CheckpointMismatchError } from '../errors.js'
import type { TrainingPort } from '../loop/training-port.js'
import type { ResolvedTraining } from '../options/training-loop-options.js'
import type { TrainingProgress } from '../record/training-progress.js'
import { DamagedCheckpointError } from './checkpoint-files.js'
import { CheckpointStore, type FoundCheckpoint, restoreCheckpoint } from './checkpoint-store.js'
import { continuedProgress } from './continued-progress.js'
import { identityDifferences, identityOf, type TrainingIdentity } from './training-identity.js'

/** The folder that a training writes checkpoints to, and the checkpoint that it goes on from. */
export interface CheckpointSession {
  readonly identity: TrainingIdentity
  /** The folder of checkpoints; undefined when none are to be written. */
  readonly store: CheckpointStore | undefined
  /** Progress of the checkpoint that the port was set to; undefined when training begins at the start. */
  readonly from: TrainingProgress | undefined
  readonly warnings: readonly string[]
}

/**
 * Opens the folder of `checkpoint`, and sets a training to the checkpoint of `resume`. Returns undefined when
 * neither option is set.
 *
 * @throws CheckpointLockedError when another training uses the folder
 * @throws CheckpointError when there is nothing to go on from, when the folder has checkpoints of an
 * earlier training and `resume` is not set, or when it cannot be read or written
 * @throws CheckpointMismatchError when the checkpoint is of other data, another model or other options
 */
export async function openCheckpoints(
  settings: ResolvedTraining,
  stepsPerEpoch: number,
  port: TrainingPort,
): Promise<CheckpointSession | undefined> {
  const { checkpoint, resume, warmStart } = settings
  if (!checkpoint && resume === undefined && warmStart === undefined) return undefined
  const identity = await identityOf(settings, stepsPerEpoch)
  const store = checkpoint && (await CheckpointStore.open(checkpoint.folder, checkpoint))
  try {
    const warnings: string[] = []
    const warn = (message: string) => void warnings.push(message)
    let from: TrainingProgress | undefined
    const found = await resumeFrom(settings, store, {
      async restore(found) {
        const { content } = found
        const { differences, progress } = continuedProgress(
          content,
          identity,
          settings,
          stepsPerEpoch,
        )
        if (differences.length > 0) throw mismatch(found, differences, port)
        await restoreState(() => port.restoreState(content))
        from = progress
      },
      warn,
    })
    if (found) await store?.settleOn(found.path)
    if (!found && warmStart !== undefined) await startWarm(warmStart, identity, port, warn)
    return { identity, store, from, warnings }
  } catch (error) {
    // The error at hand says more than one of the lock.
    await store?.close().catch(() => undefined)
    throw error
  }
}

async function restoreState(restore: () => Promise<void>): Promise<void> {
  try {
    await restore()
  } catch (cause) {
    if (!(cause instanceof GnnRecError) || cause instanceof DisposedError) throw cause
    throw DamagedCheckpointError.from(cause)
  }
}

async function resumeFrom(
  { resume, checkpoint }: ResolvedTraining,
  store: CheckpointStore | undefined,
  callbacks: Parameters<typeof restoreCheckpoint>[1],
): Promise<FoundCheckpoint | undefined> {
  if (resume === undefined) {
    if (!store || store.isEmpty) return undefined
    throw new CheckpointError(
      `${store.folder} has checkpoints of an earlier training; set resume to go on from them, or choose another folder.`,
    )
  }
  const isOwnFolder = resume === 'latest' || resume === 'latest-or-start'
  const folder = isOwnFolder ? (checkpoint?.folder as string) : resume
  const found = await restoreCheckpoint(folder, callbacks)
  if (found || resume === 'latest-or-start') return found
  throw new CheckpointError(
    `There is no checkpoint in ${folder} to go on from; leave out resume, or use 'latest-or-start'.`,
  )
}

/** Sets the port to the weights of a checkpoint, from which a new training starts. */
async function startWarm(
  warmStart: string,
  identity: TrainingIdentity,
  port: TrainingPort,
  warn: (message: string) => void,
): Promise<void> {
  if (!port.startFrom) {
    throw new InvalidOptionsError(
      `warmStart: got '${warmStart}', but this training cannot start from given weights.`,
    )
  }
  const found = await restoreCheckpoint(warmStart, {
    async restore(found) {
      const differences = identityDifferences(
        startedFrom(found.content.identity),
        startedFrom(identity),
      )
      if (differences.length > 0) throw mismatch(found, differences, port)
      await restoreState(async () => port.startFrom?.(found.content))
    },
    warn,
  })
  if (found) return
  throw new CheckpointError(
    `There is no checkpoint in ${warmStart} to start from; leave out warmStart.`,
  )
}

/** Returns what two trainings have in common when one starts from the weights of the other. */
function startedFrom({ data, model }: TrainingIdentity): Partial<TrainingIdentity> {
  const { architecture, tensors } = model
  return { data, model: { architecture, tensors, options: null } }
}

function mismatch(
  { path }: FoundCheckpoint,
  differences: readonly string[],
  port: TrainingPort,
): CheckpointMismatchError {
  const canStartWarm =
    port.startFrom !== undefined &&
    differences.every((line) => /^(training|model\.options)\b/.test(line))
  const instead = canStartWarm
    ? `, or start a new training from its weights, in another folder: warmStart: '${path}', without resume`
    : ', or start anew in another folder'
  return new CheckpointMismatchError(
    `${path} is of another training:\n${differences.map((line) => `  - ${line}`).join('\n')}\nGo on with the data, model and options of the checkpoint${instead}.`,
  )
}
