import { topK } from '@gnnrec/graph'
import type { Guard } from './guard.js'

/** Length of the lists that are compared. */
const listLength = 10

/**
 * Finds that all users get the same list, seen items included. Such a list may be better than that of Popularity,
 * but it does not depend on the user. While validation rises, lists may still become different.
 */
export const sameLists: Guard = {
  code: 'same-lists',
  async examine(inspection) {
    const rows = await inspection.scores()
    const [{ length: itemCount }] = rows
    // Lists of all items would always have the same content.
    const k = Math.min(listLength, itemCount >> 1)
    const lists = new Set(k > 0 ? rows.map((scores) => topK(scores, k).items.join()) : [])
    const isOne = rows.length > 1 && lists.size === 1
    if (!inspection.hasLasted('same-lists', isOne)) return undefined
    const patience = inspection.settings.guards.afterEpochs['same-lists']
    if (inspection.validation()?.isRising(patience)) return undefined
    return {
      message: `${inspection.settings.model.architecture} has the same ${k} items in the same order for all of ${rows.length} users, and has had for a while: it ranks by popularity or by a bias alone. Probably its users all have one direction, or training is too slow; raise the learning rate, use fewer layers, or check that the user's embedding is part of the score.`,
      values: { lists: lists.size, users: rows.length },
    }
  },
}
