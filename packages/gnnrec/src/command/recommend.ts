import { access } from 'node:fs/promises'
import { InvalidOptionsError } from '@gnnrec/graph'
import { type Recommender, writeRecommendations } from '@gnnrec/serving'
import { FolderExistsError } from '../errors.js'
import { type CommandIo, columns } from './io.js'
import { idOf, inputLines, itemIds, openModel } from './saved-model.js'

interface RecommendFlags {
  readonly k?: number
  readonly exclude?: readonly string[]
  readonly history?: readonly string[]
  readonly since?: readonly string[]
  readonly all?: boolean
  readonly output?: string
  readonly force?: boolean
}

type Lists = readonly { items: readonly unknown[]; scores: readonly number[]; source: string }[]

/** Recommends to users that are known, to all of them, or for a history. */
export async function run(
  [folder, users]: readonly [string, readonly string[]],
  flags: RecommendFlags,
  io: CommandIo,
): Promise<void> {
  checkFlags(users, flags)
  const recommender = await openModel(folder, io)
  const { k, exclude = [], history, since } = flags
  const common = { ...(k !== undefined && { k }), exclude: itemIds(recommender, exclude) }
  if (flags.all) return recommendToAll(recommender, common, flags, io)
  if (history) {
    const list = recommender.recommendFor(itemIds(recommender, history), common)
    return show([list], [`for ${history.join(', ')}`], io)
  }
  const texts = users.length === 1 && users[0] === '-' ? await inputLines() : users
  const ids = texts.map((text) => idOf(text, recommender.users.type, 'user'))
  const later = since && { since: ids.map(() => itemIds(recommender, since)) }
  const lists = recommender.recommend(ids, { ...common, ...later })
  show(
    lists,
    lists.map(({ user }) => String(user)),
    io,
  )
}

function checkFlags(users: readonly string[], { all, history, output }: RecommendFlags): void {
  const ways = [users.length > 0, all === true, history !== undefined].filter(Boolean).length
  if (ways !== 1) {
    throw new InvalidOptionsError(
      `Got ${ways === 0 ? 'nobody to recommend to' : 'several ways to say to whom'}; name users, or - to read them from standard input, or --all, or --history.`,
    )
  }
  if (output !== undefined && !all) {
    throw new InvalidOptionsError('--output writes the lists of --all; pass both or none.')
  }
}

async function recommendToAll(
  recommender: Recommender,
  common: object,
  { output, force = false }: RecommendFlags,
  io: CommandIo,
): Promise<void> {
  const lists = recommender.recommendAll({ ...common, signal: io.signal })
  if (output !== undefined) {
    await checkNoFile(output, force)
    const written = await writeRecommendations(output, lists)
    io.result(
      { file: output, ...written },
      () => `Wrote the lists of ${written.users} users to ${output}.`,
    )
    return
  }
  for await (const block of lists) {
    for (const list of block) io.line(JSON.stringify(list))
  }
}

/** @throws FolderExistsError when a file is there that must stay */
export async function checkNoFile(file: string, force: boolean): Promise<void> {
  if (force) return
  const isThere = await access(file).then(
    () => true,
    () => false,
  )
  if (isThere)
    throw new FolderExistsError(`${file} exists and stays as it is; pass --force to replace it.`)
}

function show(lists: Lists, names: readonly string[], io: CommandIo): void {
  io.result(lists.length === 1 ? lists[0] : lists, () =>
    lists
      .map(({ items, scores, source }, place) => {
        const how = source === 'trained' ? '' : ` (${source})`
        const rows = items.map((item, at) => [
          `  ${at + 1}`,
          String(item),
          scores[at].toPrecision(4),
        ])
        return `${names[place]}${how}\n${rows.length > 0 ? columns(rows) : '  nothing is left to recommend'}`
      })
      .join('\n'),
  )
}
