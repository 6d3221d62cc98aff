import { topK } from '@gnnrec/graph'
import { percent } from './format.js'
import type { Guard } from './guard.js'

/** Length of the lists that are examined where nothing is evaluated. */
const listLength = 10
/** Share of a user's items that may have the same score as the list's last place. */
const tiedItems = 0.1
/** Share of the examined users whose lists may be tied. */
const tiedLists = 0.1

/**
 * Finds equal scores: lists whose end is decided by the order of items and not by the model. An evaluation says
 * how many lists there are (more than 1 % are too many); where there is none, the lists of some users are examined.
 */
export const tiedScores: Guard = {
  code: 'tied-scores',
  async examine(inspection) {
    const { settings, at } = inspection
    let share: number
    if (at.degenerate) {
      share = at.degenerate.share
      if (!at.degenerate.isFlagged) return undefined
    } else {
      const rows = await inspection.scores()
      share = rows.filter(isTied).length / rows.length
      if (share <= tiedLists) return undefined
    }
    const { architecture } = settings.model
    return {
      message: `${architecture} gives equal scores to so many items that their order decides ${percent(share)} of the lists. Its embeddings have collapsed: lower l2Weight or the learning rate, or check the model's forward pass.`,
      values: { share },
    }
  },
}

/** Returns true when many items have the score of the last place. */
function isTied(scores: Float32Array): boolean {
  const last = topK(scores, Math.min(listLength, scores.length)).scores.at(-1)
  const sharing = scores.reduce((count, score) => count + Number(score === last), 0)
  return sharing >= 2 && sharing > tiedItems * scores.length
}
