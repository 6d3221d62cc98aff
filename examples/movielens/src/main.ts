import { join } from 'node:path'
import { describeTable } from '@gnnrec/data'
import { commandText, formatTable, type ResultRow, writeResults } from '@gnnrec/example-support'
import { BipartiteGraph, GnnRecError } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import type { TrainingHistory } from '@gnnrec/train'
import { chosenUsers } from './chosen-users.js'
import { loadMovieData, presetNames } from './movie-data.js'
import { movieOptions } from './options.js'
import { showRecommendations } from './show-recommendations.js'
import { metrics, type TrainedModel, trainModel } from './train-model.js'
import { writeMovieReport } from './write-movie-report.js'

const peakMegabytes = () => Math.round(process.resourceUsage().maxRSS / 1024)

async function main(): Promise<void> {
  const options = movieOptions()
  const data = await loadMovieData(options.dataset)
  const { split } = data
  const { users, items } = split.train
  const parts = [split.train, split.validation, split.test].map(
    (part) => describeTable(part).interactions,
  )
  console.log(
    `${data.dataset.name}: ${users.size} users, ${items.size} films; ${parts.join(' / ')} ratings to train, validate and test`,
  )

  await useBackend('simd', options.threads === undefined ? {} : { threads: options.threads })
  const graph = BipartiteGraph.fromInteractions(split.train, { lowRatings: 'accept' })
  // Models with another preset must not replace those with the best settings.
  const { preset: given } = options
  const folder = join(options.output, [options.dataset, ...(given ? [given] : [])].join('-'))
  const trained: TrainedModel[] = []
  const rows: ResultRow[] = []
  // The first Ctrl-C ends the current training with its best weights. It leaves out a model that has none yet, and the
  // models after it.
  const interrupt = new AbortController()
  process.once('SIGINT', () => interrupt.abort())
  for (const name of options.models) {
    if (interrupt.signal.aborted) break
    const { dataset, preset, seed, epochs } = options
    console.log(`\n${name}`)
    const model = await trainModel(name, {
      dataset,
      preset,
      graph,
      split,
      seed,
      epochs,
      folder: join(folder, name),
      signal: interrupt.signal,
    })
    if (!model) break
    trained.push(model)
    rows.push({
      name: 'movielens',
      dataset: options.dataset,
      model: name,
      settings: {
        seed,
        ...(model.history && { preset: preset ?? presetNames[dataset] }),
        ...(model.history && epochs !== undefined && { epochs }),
      },
      metrics: model.report.metrics,
      ...(model.history && { epochs: model.history.epochs.length }),
      seconds: model.seconds,
      peakRssMb: peakMegabytes(),
    })
  }

  if (trained.length === 0) {
    console.log('\nInterrupted before the first model was finished.')
    return
  }
  console.log(`\nOn the test part (${split.method.name} split, seen films left out):`)
  console.log(resultTable(trained, rows))
  for (const { name, report } of trained) {
    for (const warning of report.warnings) console.log(`Note on ${name}: ${warning}`)
  }

  console.log(`\nEach model is saved in a folder with its name in ${folder}.`)
  const best = trained.reduce((a, b) => (b.validation > a.validation ? b : a))
  const loaded = await Recommender.load(join(folder, best.name))
  console.log(`\n${best.name}, the best on validation, loaded again, recommends:`)
  const chosen = chosenUsers(data, 3)
  console.log(showRecommendations(loaded, data, chosen))
  console.log(data.dataset.citation)
  const { html } = await writeMovieReport(folder, {
    data,
    trained,
    users: chosen,
    threads: options.threads,
    command: commandText('npm start'),
    peakMegabytes: rows.map(({ peakRssMb }) => peakRssMb),
  })
  console.log(`\nThe report with plots is ${html}`)
  if (options.json) await writeResults(options.json, options.threads, rows)
}

function resultTable(trained: readonly TrainedModel[], rows: readonly ResultRow[]): string {
  const head = ['model', ...metrics, 'best epoch', 'train s', 'peak MB']
  const lines = trained.map(({ name, report, history, seconds }, place) => [
    name,
    ...metrics.map((metric) => report.metrics[metric]?.toFixed(4) ?? '—'),
    bestEpoch(history),
    seconds.toFixed(1),
    String(rows[place].peakRssMb),
  ])
  return formatTable(head, lines)
}

/** Writes the best epoch; nothing for a model that has no epochs. */
function bestEpoch(history: TrainingHistory | undefined): string {
  const done = history?.epochs.length ?? 0
  return done === 0 ? '' : `${history?.bestEpoch ?? done} of ${done}`
}

main().catch((error: unknown) => {
  // Errors that users can fix are one sentence; all others keep their stack.
  console.error(GnnRecError.isInstance(error) ? `\n${error.message}` : error)
  process.exitCode = 1
})
