import { formatTable } from '@gnnrec/example-support'
import type { Recommender } from '@gnnrec/models/serving'
import type { ChosenUser } from './chosen-users.js'
import type { MovieData } from './movie-data.js'

const SHOWN = 8
const WIDTH = 44

/** What a few users liked beside what they are recommended; a star marks what they did watch later. */
export function showRecommendations(
  recommender: Recommender,
  { titleOf }: MovieData,
  users: readonly ChosenUser[],
): string {
  return users
    .map(({ id, liked, watchedLater }) => {
      const recommended = recommender
        .recommend(id, { k: SHOWN })
        .items.map((item) => `${watchedLater.has(item) ? '★' : ' '} ${shorten(titleOf(item))}`)
      const rows = Array.from({ length: SHOWN }, (_, row) => [
        row < liked.length ? shorten(titleOf(liked[row])) : '',
        recommended[row] ?? '',
      ])
      return formatTable([`user ${id} liked`, 'is recommended (★ watched later)'], rows, [
        'left',
        'left',
      ])
    })
    .join('\n')
}

function shorten(title: string): string {
  return title.length <= WIDTH ? title : `${title.slice(0, WIDTH - 1)}…`
}
