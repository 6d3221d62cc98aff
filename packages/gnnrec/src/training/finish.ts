import type { InteractionTable, Split } from '@gnnrec/graph'
import { type FoundModel, refit } from '@gnnrec/train'
import type { ReadEvents } from '../reading/source.js'
import { epochProgress } from './epoch-progress.js'
import type { FoundOnValidation } from './find-model.js'
import { judge } from './judge.js'
import { recordOf } from './model-record.js'
import { count, type PreparedEvents } from './prepare-events.js'
import { reportOf } from './report-of.js'
import { summaryOf } from './summary.js'
import type { CheckedTrainOptions } from './train-options.js'
import { type EventFacts, resultOf, type TrainResult, type WarmStartFacts } from './train-result.js'
import type { EarlierModel } from './warm-start.js'

/** All that is known before a model is judged. */
export interface BeforeTheEnd {
  readonly read: ReadEvents
  readonly prepared: PreparedEvents
  readonly found: FoundOnValidation & { readonly warmStart?: WarmStartFacts }
  readonly earlier: EarlierModel | undefined
  readonly settings: CheckedTrainOptions
}

/** Judges a model on the test part, fits it to all events and puts the result together. */
export async function finish({
  read,
  prepared,
  found: { found, validation, choice, notes, warmStart },
  earlier,
  settings: { signal, onProgress, weights },
}: BeforeTheEnd): Promise<TrainResult> {
  const name = String(typeof found.model === 'string' ? found.model : found.model.architecture)
  const fit = (stage: 'judge' | 'fit', interactions: Split | InteractionTable) =>
    refit(found as FoundModel, interactions, {
      ...(earlier?.model && { from: earlier.model }),
      weights,
      lowRatings: 'accept',
      ...(signal && { signal }),
      onEvent: epochProgress(onProgress, stage, name),
    })

  await onProgress({ stage: 'judge', message: `Judging ${name} on the test part` })
  const judged = await judge(prepared, (split) => fit('judge', split), signal)
  const { all, metric } = prepared
  const pairs = all.userIndex.length
  await onProgress({ stage: 'fit', message: `Fitting ${name} to all ${count(pairs, 'pair')}` })
  const { model } = await fit('fit', all)
  try {
    const recommender = await model.toRecommender()
    const events: EventFacts = {
      source: read.name,
      ...(read.columns && { columns: read.columns }),
      events: read.table.userIndex.length,
      pairs,
      users: all.users.size,
      items: all.items.size,
      warnings: read.warnings,
    }
    const summary = summaryOf(events, { prepared: prepared.notes, found: notes }, judged)
    return resultOf(
      {
        recommender,
        summary,
        events,
        found,
        test: judged.judgement,
        ...(warmStart && { warmStart }),
        ...(choice && { choice }),
        report: reportOf({ name, summary, metric, judged, recommender, prepared }),
      },
      model,
      recordOf(found, model, { model: name, metric, weights, validation }),
    )
  } catch (error) {
    model.dispose()
    throw error
  }
}
