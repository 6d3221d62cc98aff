import { readFile } from 'node:fs/promises'
import {
  type EpochRecord,
  parseTrainingLog,
  type TrainingHistory,
  type TrainingLogLine,
} from '@gnnrec/train'

/**
 * Reads the history of a training from its log; returns undefined when there is no log or the
 * training did not end.
 */
export async function readHistory(path: string): Promise<TrainingHistory | undefined> {
  const lines = await readLog(path)
  const end = lines.filter((line) => line.type === 'end').at(-1)
  if (!end) return undefined
  // A training that resumed from a checkpoint may log an epoch twice; the later line counts.
  const epochs = new Map<number, EpochRecord>()
  for (const line of lines) if (line.type === 'epoch') epochs.set(line.record.epoch, line.record)
  const findings = lines.filter((line) => line.type === 'finding')
  const { time, type, ...rest } = end
  return { ...rest, epochs: [...epochs.values()].sort((a, b) => a.epoch - b.epoch), findings }
}

/** Reads the lines of a training's log; a training without a log, such as that of a baseline, has none. */
export async function readLog(path: string): Promise<readonly TrainingLogLine[]> {
  try {
    return parseTrainingLog(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
