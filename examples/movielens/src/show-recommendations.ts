import { formatTable } from '@gnnrec/example-support'
import type { Recommender } from '@gnnrec/serving'
import type { ChosenUser } from './chosen-users.js'
import type { MovieData } from './movie-data.js'

const shown = 8
const width = 44

/**
 * Prints what a few users liked and what they are recommended; a star marks films of the test part.
 */
export function showRecommendations(
  recommender: Recommender,
  { titleOf }: MovieData,
  users: readonly ChosenUser[],
): string {
  return users
    .map(({ id, liked, watchedLater }) => {
      const recommended = recommender
        .recommend(id, { k: shown })
        .items.map((item) => `${watchedLater.has(item) ? '★' : ' '} ${shorten(titleOf(item))}`)
      const rows = Array.from({ length: shown }, (_, row) => [
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
  return title.length <= width ? title : `${title.slice(0, width - 1)}…`
}
