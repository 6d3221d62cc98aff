import { formatTable } from '@gnnrec/example-support'
import type { Recommender } from '@gnnrec/models/serving'
import type { MovieData } from './movie-data.js'

const SHOWN = 8
const WIDTH = 44

/** What a few users liked beside what they are recommended; a star marks what they did watch later. */
export function showRecommendations(
  recommender: Recommender,
  { split, titleOf }: MovieData,
  users: number,
): string {
  return chooseUsers(split.test.userIndex, split.test.users.size, users)
    .map((user) => {
      const id = split.test.users.idOf(user)
      const watchedLater = new Set(itemsOf(split.test, user))
      const liked = likedItems(split.train, user).map((item) => shorten(titleOf(item)))
      const recommended = recommender
        .recommend(id, { k: SHOWN })
        .items.map((item) => `${watchedLater.has(item) ? '★' : ' '} ${shorten(titleOf(item))}`)
      const rows = Array.from({ length: SHOWN }, (_, row) => [
        liked[row] ?? '',
        recommended[row] ?? '',
      ])
      return formatTable([`user ${id} liked`, 'is recommended (★ watched later)'], rows, [
        'left',
        'left',
      ])
    })
    .join('\n')
}

/** Users with many test rows, spread over the id range so that they differ. */
function chooseUsers(userIndex: Int32Array, userCount: number, count: number): number[] {
  const rows = new Int32Array(userCount)
  for (const user of userIndex) rows[user]++
  const share = Math.ceil(userCount / count)
  return Array.from({ length: count }, (_, part) => {
    const candidates = Array.from({ length: share }, (_, i) => part * share + i).filter(
      (u) => u < userCount,
    )
    return candidates.reduce((best, user) => (rows[user] > rows[best] ? user : best))
  })
}

type Part = MovieData['split']['train']

/** Highest rated first, then latest. */
function likedItems(train: Part, user: number): (string | number)[] {
  const rows = rowsOf(train, user)
  const value = (column: ArrayLike<number> | undefined, row: number) => column?.[row] ?? 0
  rows.sort(
    (a, b) =>
      value(train.rating, b) - value(train.rating, a) ||
      value(train.timestamp, b) - value(train.timestamp, a),
  )
  return rows.slice(0, SHOWN).map((row) => train.items.idOf(train.itemIndex[row]))
}

function itemsOf(part: Part, user: number): (string | number)[] {
  return rowsOf(part, user).map((row) => part.items.idOf(part.itemIndex[row]))
}

function rowsOf(part: Part, user: number): number[] {
  const rows: number[] = []
  for (let row = 0; row < part.userIndex.length; row++)
    if (part.userIndex[row] === user) rows.push(row)
  return rows
}

function shorten(title: string): string {
  return title.length <= WIDTH ? title : `${title.slice(0, WIDTH - 1)}…`
}
