import type { InteractionTable } from '@gnnrec/graph'
import { type ReportOptions, reportData } from '@gnnrec/report'
import { NotSupportedError, type Recommender } from '@gnnrec/serving'
import type { JudgedModel } from './judge.js'
import type { PreparedEvents } from './prepare-events.js'

/** The facts that a report shows. */
interface ReportFacts {
  readonly name: string
  readonly summary: string
  readonly metric: string
  readonly judged: JudgedModel
  readonly recommender: Recommender
  readonly prepared: PreparedEvents
}

/** Number of users whose lists are shown, and length of these lists. */
const shownUsers = 3
const shownItems = 10

/** Number of items whose similar items are shown, and of these. */
const shownSeeds = 4
const shownSimilar = 5

/** Makes the options of a report on a training. */
export function reportOf({
  name,
  summary,
  metric,
  judged: { evaluation, baseline, seconds },
  recommender,
  prepared: { all },
}: ReportFacts): ReportOptions {
  const models = [{ name, evaluation, trainSeconds: seconds }]
  const isPopularity = name === 'popularity'
  const users = Array.from({ length: Math.min(shownUsers, all.users.size) }, (_, place) => {
    const index = Math.floor((place * all.users.size) / shownUsers)
    const id = all.users.idOf(index)
    const { pointers, items } = recommender.seen
    const user = recommender.users.indexOf(id)
    const consumed = Array.from(
      items.subarray(pointers[user], Math.min(pointers[user + 1], pointers[user] + shownItems)),
      (item) => ({ id: recommender.items.idOf(item) }),
    )
    const k = Math.min(shownItems, recommender.itemCount)
    const list = recommender.recommend(id, { k }).items.map((item) => ({ id: item }))
    return { id, consumed, recommended: { [name]: list } }
  })
  return {
    title: `Recommender: ${name}`,
    description: summary.replaceAll('\n', ' '),
    models: isPopularity ? models : [...models, { name: 'popularity', evaluation: baseline }],
    metric,
    data: reportData(all),
    chosen: name,
    similarItems: similarItemsOf(recommender, all),
    users,
  }
}

/** Returns the items with the most events and those that the model finds similar, if it can tell. */
function similarItemsOf(
  recommender: Recommender,
  { items, itemIndex }: InteractionTable,
): ReportOptions['similarItems'] {
  const counts = new Int32Array(items.size)
  for (const item of itemIndex) counts[item]++
  const popular = Array.from(counts.keys())
    .sort((left, right) => counts[right] - counts[left] || left - right)
    .slice(0, shownSeeds)
  const k = Math.min(shownSimilar, items.size - 1)
  if (k === 0) return []
  try {
    return popular.map((index) => {
      const id = items.idOf(index)
      const similar = recommender.similarItems(id, { k }).items
      return { item: { id }, similar: similar.map((other) => ({ id: other })) }
    })
  } catch (error) {
    if (error instanceof NotSupportedError) return []
    throw error
  }
}
