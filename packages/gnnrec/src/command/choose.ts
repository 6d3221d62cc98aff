import { resolve } from 'node:path'
import { toMarkdown } from '@gnnrec/experiments'
import { refit } from '@gnnrec/train'
import { readEvents } from '../reading/read-events.js'
import { chooseModel, chosenValue } from '../training/find-model.js'
import { recordOf } from '../training/model-record.js'
import { prepareEvents } from '../training/prepare-events.js'
import { resolveTrainOptions } from '../training/train-options.js'
import { checkFree, saveModel } from '../training/train-result.js'
import { eventSource } from './events.js'
import type { CommandIo } from './io.js'
import { type TrainingFlags, trainOptions } from './training-flags.js'

interface ChooseFlags extends TrainingFlags {
  readonly save?: string
  readonly force?: boolean
}

/** Chooses among models, tells of all of them, and saves the chosen one where that is asked for. */
export async function run(
  [events]: readonly [string],
  { save, force = false, ...flags }: ChooseFlags,
  io: CommandIo,
): Promise<void> {
  // Nobody should wait for a choice that cannot be saved.
  if (save !== undefined && !force) await checkFree(resolve(save))
  const options = resolveTrainOptions(trainOptions(flags, io))
  const { table } = await readEvents(eventSource(events), options)
  const prepared = prepareEvents(table, options)
  const { chosen, rows, summary, table: candidates, metric } = await chooseModel(prepared, options)
  const saved = save === undefined ? [] : [`Fitted to all events and saved in ${save}.`]
  if (save !== undefined) {
    const { weights } = options
    io.progress(`Fitting ${chosen.label} to all events`)
    const { model } = await refit(chosen, prepared.all, {
      weights,
      lowRatings: 'accept',
      signal: io.signal,
    })
    try {
      const validation = chosenValue({ rows })
      const record = recordOf(chosen, model, { model: chosen.model, metric, weights, validation })
      await saveModel(model, record, { folder: save, overwrite: force })
    } finally {
      model.dispose()
    }
  }
  const notes = prepared.notes
  const folder = save === undefined ? {} : { folder: save }
  io.result({ summary, metric, chosen, candidates: rows, notes, ...folder }, () =>
    [...notes, '', toMarkdown(candidates).trimEnd(), '', summary, ...saved].join('\n'),
  )
}
