import { join } from 'node:path'
import { withValidationInTrain } from '@gnnrec/data'
import { formatTable } from '@gnnrec/example-support'
import { type ChoiceRow, choose, LocalPool } from '@gnnrec/experiments'
import type { Split } from '@gnnrec/graph'
import { refit } from '@gnnrec/train'
import { judgeOnTest, type TrainedModel } from './train-model.js'

/** Surroundings of {@link chooseAndFit}. */
export interface ChooseSettings {
  readonly seed: number
  readonly threads: number | undefined
  /** Folder in which each model is saved in a folder of its own. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** The models with the settings that validation chose, judged on the test part. */
export interface ChosenModels {
  /** The split on which the models are fitted and judged. */
  readonly split: Split
  readonly trained: readonly TrainedModel[]
  /** Name of the model that was chosen on validation. */
  readonly chosen: string
}

type BestSetting = NonNullable<ChoiceRow['best']>

/**
 * Chooses the settings of several models on the validation part, fits each once more to the training and the validation
 * part, as one would before going live, and judges it on the test part.
 *
 * @throws the reason of the signal once it is aborted
 */
export async function chooseAndFit(
  split: Split,
  { seed, threads, folder, signal }: ChooseSettings,
): Promise<ChosenModels> {
  // Trials are small, so that two at a time are faster than one with two threads.
  const pool = new LocalPool({ parallel: threads ?? 2, threads: 1 })
  const choice = await choose(split, {
    seed,
    pool,
    signal,
    lowRatings: 'accept',
    onProgress: (progress) => {
      if (progress.type !== 'result') return
      const { model, setting, value, epochs, reason, seconds } = progress
      const found = value === undefined ? `failed: ${reason}` : `ndcg@20 ${value.toFixed(4)}`
      const trained = epochs === undefined ? '' : `after ${epochs} epochs`
      const name = [model, setting, trained].filter(Boolean).join(', ')
      console.log(`${name.padEnd(58)} ${found}  ${seconds.toFixed(1)} s`)
    },
  })
  const { columns, rows, notes = [] } = choice.table
  const table = formatTable(
    columns.map(({ title }) => title),
    rows,
    columns.map(({ align }) => align),
  )
  console.log(['\nOn the validation part:', table, ...notes, choice.summary].join('\n'))
  const final = withValidationInTrain(split)
  const trained: TrainedModel[] = []
  for (const { model, best } of choice.rows) {
    if (!best) continue
    trained.push(await fit(model, best, { split: final, seed, folder, signal }))
  }
  return { split: final, trained, chosen: choice.chosen.model }
}

async function fit(
  name: string,
  { used, value, bestEpoch }: BestSetting,
  { split, seed, folder, signal }: Omit<ChooseSettings, 'threads'> & { readonly split: Split },
): Promise<TrainedModel> {
  const start = performance.now()
  const { options, training } = used
  const found = { model: name, options, training, bestEpoch, seed }
  const { model, history } = await refit(found, split, { lowRatings: 'accept', signal })
  const recommender = await model.toRecommender()
  const seconds = (performance.now() - start) / 1000
  await model.save(join(folder, name))
  model.dispose()
  return {
    name,
    recommender,
    validation: value,
    ...(await judgeOnTest(recommender, split)),
    ...(history && { history }),
    seconds,
  }
}
