import { join } from 'node:path'
import { describeTable } from '@gnnrec/data'
import { commandText, type ResultRow, writeResults } from '@gnnrec/example-support'
import { GnnRecError, type Split } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import { chooseAndFit } from './choose-and-fit.js'
import { chosenUsers } from './chosen-users.js'
import { loadMovieData, presetNames } from './movie-data.js'
import { type MovieOptions, movieOptions } from './options.js'
import { resultTable } from './result-table.js'
import { showRecommendations } from './show-recommendations.js'
import type { TrainedModel } from './train-model.js'
import { trainNamed } from './train-named.js'
import { writeMovieReport } from './write-movie-report.js'

async function main(): Promise<void> {
  const options = movieOptions()
  const data = await loadMovieData(options.dataset)
  const { users, items } = data.split.train
  const { train, validation, test } = data.split
  const parts = [train, validation, test].map((part) => describeTable(part).interactions)
  console.log(
    `${data.dataset.name}: ${users.size} users, ${items.size} films; ${parts.join(' / ')} ratings to train, validate and test\n`,
  )

  await useBackend('simd', options.threads === undefined ? {} : { threads: options.threads })
  const folder = join(options.output, folderName(options))
  // The first Ctrl-C ends the current training with its best weights. It leaves out a model that has none yet, and the
  // models after it.
  const interrupt = new AbortController()
  process.once('SIGINT', () => interrupt.abort())
  const { trained, split, chosen } = await judgedModels(
    data.split,
    options,
    folder,
    interrupt.signal,
  )
  if (trained.length === 0) {
    console.log('\nInterrupted before the first model was finished.')
    return
  }
  const rows = trained.map((model) => resultRow(model, options))
  console.log(`\nOn the test part (${split.method.name} split, seen films left out):`)
  console.log(resultTable(trained, rows))
  for (const { name, report } of trained) {
    for (const warning of report.warnings) console.log(`Note on ${name}: ${warning}`)
  }

  console.log(`\nEach model is saved in a folder with its name in ${folder}.`)
  const loaded = await Recommender.load(join(folder, chosen))
  console.log(`\n${chosen}, chosen on validation, loaded again, recommends:`)
  const shown = chosenUsers({ ...data, split }, 3)
  console.log(showRecommendations(loaded, data, shown))
  console.log(data.dataset.citation)
  const { html } = await writeMovieReport(folder, {
    data: { ...data, split },
    trained,
    users: shown,
    threads: options.threads,
    command: commandText('npm start'),
  })
  console.log(`\nThe report with plots is ${html}`)
  if (options.json) await writeResults(options.json, options.threads, rows)
}

/** Names the folder: models of another preset or number of epochs must not replace those with the best settings. */
function folderName({ dataset, preset, epochs }: MovieOptions): string {
  const own = [preset, epochs === undefined ? undefined : `${epochs}-epochs`]
  return [dataset, ...own.filter((part) => part !== undefined)].join('-')
}

/** The models that were judged, the split that they were fitted on, and the one that validation prefers. */
interface JudgedModels {
  readonly trained: readonly TrainedModel[]
  readonly split: Split
  readonly chosen: string
}

async function judgedModels(
  split: Split,
  options: MovieOptions,
  folder: string,
  signal: AbortSignal,
): Promise<JudgedModels> {
  if (options.models) {
    const trained = await trainNamed(split, options.models, options, { folder, signal })
    const best = trained.reduce<TrainedModel | undefined>(
      (a, b) => (a && a.validation >= b.validation ? a : b),
      undefined,
    )
    return { trained, split, chosen: best?.name ?? '' }
  }
  try {
    const { seed, threads } = options
    return await chooseAndFit(split, { seed, threads, folder, signal })
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    return { trained: [], split, chosen: '' }
  }
}

function resultRow(
  { name, history, report, seconds, peakMegabytes }: TrainedModel,
  { dataset, models, preset, epochs, seed }: MovieOptions,
): ResultRow {
  return {
    name: 'movielens',
    dataset,
    model: name,
    settings: {
      seed,
      ...(models && history && { preset: preset ?? presetNames[dataset] }),
      ...(history && epochs !== undefined && { epochs }),
    },
    metrics: report.metrics,
    ...(history && { epochs: history.epochs.length }),
    seconds,
    peakRssMb: peakMegabytes,
  }
}

main().catch((error: unknown) => {
  // Errors that users can fix are one sentence; all others keep their stack.
  console.error(GnnRecError.isInstance(error) ? `\n${error.message}` : error)
  process.exitCode = 1
})
