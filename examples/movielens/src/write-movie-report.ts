import { environment } from '@gnnrec/example-support'
import { type InteractionTable, rowCount } from '@gnnrec/graph'
import { type WrittenReport, writeReport } from '@gnnrec/report'
import type { Recommender } from '@gnnrec/serving'
import type { ChosenUser } from './chosen-users.js'
import type { MovieData } from './movie-data.js'
import type { TrainedModel } from './train-model.js'

/** Length of the lists whose items are counted. */
const counted = 20
/** Length of the lists that are shown. */
const shown = 10

/** Results to report. */
export interface MovieResults {
  readonly data: MovieData
  readonly trained: readonly TrainedModel[]
  readonly users: readonly ChosenUser[]
  readonly threads: number | undefined
  /** Command that made the results. */
  readonly command: string
}

/** Writes `report.html` and `report.md`. */
export async function writeMovieReport(
  folder: string,
  { data, trained, users, threads, command }: MovieResults,
): Promise<WrittenReport> {
  const { dataset, split } = data
  const models = await Promise.all(
    trained.map(async ({ name, report, history, depths, seconds, recommender, peakMegabytes }) => ({
      name,
      evaluation: report,
      history,
      depths,
      trainSeconds: seconds,
      peakMegabytes,
      recommended: await timesListed(recommender),
    })),
  )
  const fitted =
    rowCount(split.validation) === 0
      ? 'Settings were chosen on validation; each model was then fitted to both earlier parts.'
      : 'Models were fitted to the training part.'
  const { node, cpu, commit, threads: used, versions } = environment(threads)
  return writeReport(folder, {
    title: `Recommenders of films: ${dataset.name}`,
    description: `Every rating is a positive; users and films with fewer than 10 are left out until nothing changes. Of each user's history the first 70 % are for training, the next 10 % for validation and the last 20 % for the test. ${fitted} ${dataset.citation}`,
    models,
    metric: 'ndcg@20',
    items: { popularity: timesHad(split.train), consumed: timesHad(split.test) },
    users: users.map(({ id, liked, watchedLater }) => ({
      id,
      consumed: liked.slice(0, shown).map((item) => ({ id: item, title: data.titleOf(item) })),
      recommended: Object.fromEntries(
        trained.map(({ name, recommender }) => [
          name,
          recommender.recommend(id, { k: shown }).items.map((item) => ({
            id: item,
            title: data.titleOf(item),
            relevant: watchedLater.has(item),
          })),
        ]),
      ),
    })),
    environment: {
      date: new Date().toISOString().slice(0, 16).replace('T', ' '),
      command,
      node,
      cpu,
      threads: used,
      commit,
      packages: { '@gnnrec': versions.gnnrec },
    },
  })
}

/** Counts the users whose lists contain each film. */
async function timesListed(recommender: Recommender): Promise<Int32Array> {
  const counts = new Int32Array(recommender.itemCount)
  for await (const block of recommender.recommendAll({ k: counted })) {
    for (const { items } of block) {
      for (const item of items) counts[recommender.items.indexOf(item)]++
    }
  }
  return counts
}

/** Counts the users who rated each film. */
function timesHad({ items, itemIndex }: InteractionTable): Int32Array {
  const counts = new Int32Array(items.size)
  for (const item of itemIndex) counts[item]++
  return counts
}
