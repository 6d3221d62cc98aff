import { InvalidOptionsError } from '@gnnrec/graph'
import { type CommandIo, columns } from './io.js'
import { idOf, itemIds, openModel } from './saved-model.js'

interface ExplainFlags {
  readonly history?: readonly string[]
  readonly k?: number
}

/** Number of items of the history that are shown to people. */
const shown = 10

/** Explains the score of an item and its place in the list. */
export async function run(
  [folder, ids]: readonly [string, readonly string[]],
  { history, k }: ExplainFlags,
  io: CommandIo,
): Promise<void> {
  const wanted = history ? 1 : 2
  if (ids.length !== wanted) {
    throw new InvalidOptionsError(
      `Got ${ids.length} ids; expected ${history ? 'one item beside --history' : 'a user and an item'}.`,
    )
  }
  const recommender = await openModel(folder, io)
  const item = idOf(ids[wanted - 1], recommender.items.type, 'item')
  const asked = history
    ? itemIds(recommender, history)
    : idOf(ids[0], recommender.users.type, 'user')
  const explanation = recommender.explain(asked, item)
  const standing = recommender.whyNot(asked, item, k === undefined ? {} : { k })
  io.result({ ...explanation, standing }, () => {
    const { score, method, contributions, remainder } = explanation
    const rows = contributions
      .slice(0, shown)
      .map(({ item: from, contribution }) => [`  ${from}`, contribution.toPrecision(3)])
    const { leftOut, rank } = standing
    const place =
      leftOut === null
        ? `rank ${rank ?? 'none'}`
        : `left out (${leftOut}), else rank ${rank ?? 'none'}`
    return [
      `${item}: score ${score.toPrecision(4)}, ${place}`,
      ...(rows.length > 0
        ? [`owed to (${method}):`, columns([...rows, ['  the rest', remainder.toPrecision(3)]])]
        : []),
    ].join('\n')
  })
}
