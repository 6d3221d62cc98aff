import { toMarkdown } from '@gnnrec/experiments'
import { readEvents } from '../reading/read-events.js'
import { chooseModel } from '../training/find-model.js'
import { prepareEvents } from '../training/prepare-events.js'
import { resolveTrainOptions } from '../training/train-options.js'
import { eventSource } from './events.js'
import type { CommandIo } from './io.js'
import { type TrainingFlags, trainOptions } from './training-flags.js'

/** Chooses among models, and tells of all of them. */
export async function run(
  [events]: readonly [string],
  flags: TrainingFlags,
  io: CommandIo,
): Promise<void> {
  const options = resolveTrainOptions(trainOptions(flags, io))
  const { table } = await readEvents(eventSource(events), options)
  const prepared = prepareEvents(table, options)
  const { chosen, rows, summary, table: candidates, metric } = await chooseModel(prepared, options)
  const notes = prepared.notes
  io.result({ summary, metric, chosen, candidates: rows, notes }, () =>
    [...notes, '', toMarkdown(candidates).trimEnd(), '', summary].join('\n'),
  )
}
