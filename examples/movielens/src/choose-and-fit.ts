import { join } from 'node:path'
import { formatTable } from '@gnnrec/example-support'
import { type ChoiceRow, choose, LocalPool } from '@gnnrec/experiments'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { type ModelSettings, models } from '@gnnrec/models'
import { Trainer, type TrainingHistory } from '@gnnrec/train'
import { withValidationInTrain } from './movie-data.js'
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
  const graph = BipartiteGraph.fromInteractions(final.train, { lowRatings: 'accept' })
  const trained: TrainedModel[] = []
  for (const { model, best } of choice.rows) {
    if (!best) continue
    trained.push(await fit(model, best, { graph, split: final, seed, folder, signal }))
  }
  return { split: final, trained, chosen: choice.chosen.model }
}

async function fit(
  name: string,
  best: BestSetting,
  {
    graph,
    split,
    seed,
    folder,
    signal,
  }: Omit<ChooseSettings, 'threads'> & { readonly graph: BipartiteGraph; readonly split: Split },
): Promise<TrainedModel> {
  const start = performance.now()
  const settings = { architecture: name, options: best.used.options }
  const { model, history } = best.used.training
    ? await train(settings, best, { graph, split, seed, signal })
    : await compute(settings, { graph, split, signal })
  const seconds = (performance.now() - start) / 1000
  const recommender = await model.toRecommender()
  await model.save(join(folder, name))
  model.dispose()
  return {
    name,
    recommender,
    validation: best.value,
    ...(await judgeOnTest(recommender, split)),
    ...(history && { history }),
    seconds,
  }
}

interface FitParts {
  readonly graph: BipartiteGraph
  readonly split: Split
  readonly signal: AbortSignal
}

async function compute(settings: ModelSettings, { graph, split, signal }: FitParts) {
  const model = models.create(graph, settings)
  model.splitHash = split.hash
  await model.prepare({ signal })
  return { model, history: undefined }
}

/** Trains for as many epochs as were best on validation. */
async function train(
  settings: ModelSettings,
  { used, bestEpoch }: BestSetting,
  { graph, split, signal, seed }: FitParts & { readonly seed: number },
) {
  const model = models.createTrained(graph, settings)
  const { earlyStopping: _stop, evaluateEvery: _every, epochs, ...training } = used.training ?? {}
  const trainer = new Trainer({
    ...training,
    model,
    split,
    seed,
    epochs: bestEpoch ?? Number(epochs),
    progress: 'none',
  })
  const history: TrainingHistory = await trainer.fit({ signal })
  signal.throwIfAborted()
  return { model, history }
}
