import * as z from 'zod'

/** Folder, times and number of the checkpoints of a training. */
export interface CheckpointSettings {
  /** Path of the folder of this training's checkpoints; it is made if need be. */
  readonly folder: string
  /** Epochs between checkpoints, an integer >= 1. @defaultValue 1 if no other interval is given */
  readonly everyEpochs?: number | undefined
  /** Optimizer steps between checkpoints, an integer >= 1. @defaultValue none */
  readonly everySteps?: number | undefined
  /** Seconds between checkpoints, > 0. @defaultValue none */
  readonly everySeconds?: number | undefined
  /** Number of the newest checkpoints that are kept, an integer >= 1. @defaultValue 2 */
  readonly keepLast?: number
  /**
   * Number of checkpoints with the best monitored values that are kept besides, an integer >= 0. Only checkpoints
   * from the end of an epoch with an evaluation have such a value. @defaultValue 1
   */
  readonly keepBest?: number
}

/**
 * The checkpoint that a training goes on from: `'latest'` of `checkpoint.folder`; `'latest-or-start'`, which begins
 * at the start if there is none yet; or the path of a checkpoint or of a folder of them.
 */
export type ResumeFrom = 'latest' | 'latest-or-start' | (string & {})

const folder = z.string().min(1)

export const checkpointSchema = z
  .union(
    [
      folder.transform((path) => ({ folder: path })),
      z.strictObject({
        folder,
        everyEpochs: z.int().min(1).optional(),
        everySteps: z.int().min(1).optional(),
        everySeconds: z.number().positive().optional(),
        keepLast: z.int().min(1).optional(),
        keepBest: z.int().min(0).optional(),
      }),
    ],
    {
      error:
        'expected the path of a folder or { folder, everyEpochs?, everySteps?, everySeconds?, keepLast?, keepBest? } with numbers >= 1 (keepBest: >= 0)',
    },
  )
  .transform((settings): ResolvedCheckpointSettings => {
    const { everySteps, everySeconds, ...given } = settings as CheckpointSettings
    const hasOther = everySteps !== undefined || everySeconds !== undefined
    return {
      folder: given.folder,
      everyEpochs: given.everyEpochs ?? (hasOther ? undefined : 1),
      everySteps,
      everySeconds,
      keepLast: given.keepLast ?? 2,
      keepBest: given.keepBest ?? 1,
    }
  })

/** Checkpoint settings with their defaults. */
export interface ResolvedCheckpointSettings {
  readonly folder: string
  readonly everyEpochs: number | undefined
  readonly everySteps: number | undefined
  readonly everySeconds: number | undefined
  readonly keepLast: number
  readonly keepBest: number
}
