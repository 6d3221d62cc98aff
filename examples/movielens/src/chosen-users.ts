import type { MovieData } from './movie-data.js'

/** A user whose lists are shown. */
export interface ChosenUser {
  readonly id: string | number
  /** Films of the training part, highest rated first, then latest. */
  readonly liked: readonly (string | number)[]
  /** Films of the test part. */
  readonly watchedLater: ReadonlySet<string | number>
}

/** Chooses a few users with many test rows. */
export function chosenUsers({ split }: MovieData, count: number): ChosenUser[] {
  const { users } = split.test
  return chooseUsers(split.test.userIndex, users.size, count).map((user) => ({
    id: users.idOf(user),
    liked: likedItems(split.train, user),
    watchedLater: new Set(itemsOf(split.test, user)),
  }))
}

/**
 * Returns indices of users with many test rows, spread over all ids so that their tastes differ.
 */
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

/** Sorts films by rating, then by time, both descending. */
function likedItems(train: Part, user: number): (string | number)[] {
  const rows = rowsOf(train, user)
  const value = (column: ArrayLike<number> | undefined, row: number) => column?.[row] ?? 0
  rows.sort(
    (a, b) =>
      value(train.rating, b) - value(train.rating, a) ||
      value(train.timestamp, b) - value(train.timestamp, a),
  )
  return rows.map((row) => train.items.idOf(train.itemIndex[row]))
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
