import * as z from 'zod'

/** Where and how often a training saves where it stands; see `TrainerOptions.checkpoint`. */
export interface CheckpointSettings {
  /** Path of the folder of this training's checkpoints; it is made if need be. */
  readonly folder: string
  /** Epochs between checkpoints, an integer >= 1. @defaultValue 1 if no other interval is given */
  readonly everyEpochs?: number | undefined
  /** Optimiser steps between checkpoints, an integer >= 1. @defaultValue none */
  readonly everySteps?: number | undefined
  /** Seconds between checkpoints, > 0. @defaultValue none */
  readonly everySeconds?: number | undefined
  /** How many of the newest are kept, an integer >= 1. @defaultValue 2 */
  readonly keepLast?: number
  /**
   * How many with the best monitored values are kept besides, an integer >= 0: of those that were
   * written at the end of an epoch with an evaluation. @defaultValue 1
   */
  readonly keepBest?: number
}

/**
 * From where a training goes on: `'latest'` of `checkpoint.folder`; the same or, if there is none yet,
 * from the start (`'latest-or-start'`); or the path of a checkpoint or of a folder of them.
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
