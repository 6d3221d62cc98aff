import type { InteractionLists } from '@gnnrec/graph'
import type { AskedHistories } from '../answer-people.js'
import { someHistories } from '../some-histories.js'
import type { HistoryEmbedder } from './history-embedder.js'

/** The users of training. */
interface TrainedUsers {
  readonly seen: InteractionLists
  /** Their embeddings, row-major. */
  readonly rows: Float32Array
}

/**
 * Makes the embeddings of histories, row-major. The history of a trained user changes the user's embedding by as much
 * as the part that follows from the history.
 */
export function embedHistories(
  embedder: HistoryEmbedder,
  histories: AskedHistories,
  trained: TrainedUsers,
  dim: number,
): Float32Array {
  const { users } = histories
  const rows = new Float32Array(users.length * dim)
  embedder.embed(histories, rows)
  if (!embedder.isPart) return rows
  const before = new Float32Array(dim)
  users.forEach((user, row) => {
    if (user < 0) return
    embedder.embed(someHistories(trained.seen, user, user + 1), before)
    for (let d = 0; d < dim; d++) {
      rows[row * dim + d] += trained.rows[user * dim + d] - before[d]
    }
  })
  return rows
}
