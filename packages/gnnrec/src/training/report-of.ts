import type { ReportOptions } from '@gnnrec/report'
import type { Recommender } from '@gnnrec/serving'
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
    users,
  }
}
