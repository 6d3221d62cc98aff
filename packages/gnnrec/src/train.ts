import { awaitCallback } from '@gnnrec/graph/kernels'
import { readEvents } from './reading/read-events.js'
import type { EventSource } from './reading/source.js'
import { resolveTrainOptions, type TrainOptions } from './training/train-options.js'
import type { TrainResult } from './training/train-result.js'

/**
 * Makes a recommender from events of users and items:
 *
 * 1. reads them and recognizes their columns, ids and times;
 * 2. keeps one event of every pair, and splits by time where there are times, else at random;
 * 3. chooses a model and its settings on the validation part, or takes the `model` that is asked for, or goes on `from`
 *    a saved one;
 * 4. fits it to training and validation part and judges it on the test part, once, beside Popularity;
 * 5. fits it to all events with the settings that were found, so that nobody is recommended what they have.
 *
 * The same events, options and seed give the same model, unless `seconds` cuts the choice short. Each step is a public
 * function: `readInteractions`, `dropDuplicates`, `temporalSplit` of `@gnnrec/data`, `choose` of `@gnnrec/experiments`,
 * `refit` of `@gnnrec/train`, `evaluate` and `compareReports` of `@gnnrec/eval`.
 *
 * @throws UnclearFileError when the columns of a file are not certain; its questions are answered by options
 * @throws TooFewInteractionsError when there are too few events to choose and judge by
 * @throws DataTooLargeError for a file whose table would not fit in memory
 * @throws FileReadError, FileFormatError, InvalidInteractionsError for a source that cannot be read
 * @throws InvalidOptionsError for a wrong option
 * @throws NothingChosenError when no candidate has a value
 * @throws SerializationError when `from` holds no model to go on from
 * @throws the reason of `signal` once it is aborted
 * @example
 * ```ts
 * import { train } from 'gnnrec'
 *
 * const drinks = ['tea', 'milk', 'cocoa', 'water', 'juice', 'cola']
 * const events = Array.from({ length: 60 }, (_, at) => ({
 *   user: `user ${at % 12}`,
 *   item: drinks[(at + Math.floor(at / 12)) % (at % 2 === 0 ? 6 : 4)],
 *   timestamp: at,
 * }))
 * const result = await train(events, { model: 'item-knn' })
 * console.log(result.summary)
 * console.log(result.recommender.recommend('user 3', { k: 2 }).items)
 * ```
 */
export async function train(source: EventSource, options: TrainOptions = {}): Promise<TrainResult> {
  const checked = resolveTrainOptions(options)
  const { signal, from } = checked
  signal?.throwIfAborted()
  const onProgress: typeof checked.onProgress = (progress) =>
    awaitCallback('onProgress', () => checked.onProgress(progress))
  const settings = { ...checked, onProgress }
  const { openEarlier, prepareNewEvents, goOn } = await import('./training/warm-start.js')
  const { finish } = await import('./training/finish.js')
  const { findModel } = await import('./training/find-model.js')
  const { prepareEvents } = await import('./training/prepare-events.js')

  const earlier = from && (await openEarlier(from.folder))
  try {
    const read = await readEvents(source, settings)
    await onProgress({ stage: 'read', message: `Read ${read.table.userIndex.length} events.` })
    const prepared = earlier
      ? prepareNewEvents(read.table, earlier, settings)
      : prepareEvents(read.table, settings)
    signal?.throwIfAborted()
    const found =
      earlier && from
        ? await goOn(prepared, earlier, from, settings)
        : await findModel(prepared, settings)
    return await finish({ read, prepared, found, earlier, settings })
  } finally {
    earlier?.model?.dispose()
  }
}
