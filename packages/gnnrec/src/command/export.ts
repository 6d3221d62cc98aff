import { InvalidOptionsError } from '@gnnrec/graph'
import { type Recommender, writeRecommendations } from '@gnnrec/serving'
import type { CommandIo } from './io.js'
import { checkNoFile } from './recommend.js'
import { openModel } from './saved-model.js'

interface ExportFlags {
  readonly what: 'lists' | 'similar' | 'item-vectors' | 'user-vectors'
  readonly k?: number
  readonly force?: boolean
}

/** Number of items whose similar items are written in one go. */
const blockSize = 256

/** Writes lists of all users or of all items, or vectors, to a file. */
export async function run(
  [folder, file]: readonly [string, string],
  { what, k, force = false }: ExportFlags,
  io: CommandIo,
): Promise<void> {
  await checkNoFile(file, force)
  const recommender = await openModel(folder, io)
  if (what === 'item-vectors' || what === 'user-vectors') {
    if (k !== undefined)
      throw new InvalidOptionsError(`-k is the length of lists; got it with --what ${what}.`)
    await exportVectors(recommender, file, what, io)
    return
  }
  const choice = k === undefined ? {} : { k }
  const lists =
    what === 'lists'
      ? recommender.recommendAll({ ...choice, signal: io.signal })
      : similarLists(recommender, choice, io.signal)
  const written = await writeRecommendations(file, lists)
  const whose = what === 'lists' ? 'users' : 'items, each in the column of users,'
  io.result({ file, ...written }, () => `Wrote the lists of ${written.users} ${whose} to ${file}.`)
}

async function exportVectors(
  recommender: Recommender,
  file: string,
  what: 'item-vectors' | 'user-vectors',
  io: CommandIo,
): Promise<void> {
  const { vectorsOf, writeVectors } = await import('@gnnrec/serving/vectors')
  const { users, items } = vectorsOf(recommender)
  const written = await writeVectors(file, what === 'item-vectors' ? items : users)
  const whose = what === 'item-vectors' ? 'items' : 'users'
  io.result(
    { file, ...written },
    () => `Wrote the vectors of ${written.rows} ${whose} to ${written.files.join(', ')}.`,
  )
}

async function* similarLists(recommender: Recommender, choice: object, signal: AbortSignal) {
  const { ids } = recommender.items
  for (let start = 0; start < ids.length; start += blockSize) {
    signal.throwIfAborted()
    yield ids
      .slice(start, start + blockSize)
      .map((item) => ({ user: item, ...recommender.similarItems(item, choice) }))
    await new Promise((resolve) => setImmediate(resolve))
  }
}
