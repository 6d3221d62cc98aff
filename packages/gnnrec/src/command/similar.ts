import { type CommandIo, columns } from './io.js'
import { idOf, openModel } from './saved-model.js'

/** Finds similar items. */
export async function run(
  [folder, item]: readonly [string, string],
  { k }: { readonly k?: number },
  io: CommandIo,
): Promise<void> {
  const recommender = await openModel(folder, io)
  const id = idOf(item, recommender.items.type, 'item')
  const list = recommender.similarItems(id, k === undefined ? {} : { k })
  io.result(list, () =>
    columns(
      list.items.map((each, at) => [`${at + 1}`, String(each), list.scores[at].toPrecision(4)]),
    ),
  )
}
