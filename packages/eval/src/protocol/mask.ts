import { type InteractionLists, interactionLists, type Split } from '@gnnrec/graph'
import { isRelevant } from '../metrics/relevance.js'

/** The parts of a split whose items are left out of their users' candidates. */
export type Mask = 'train' | 'train+validation' | 'none'

/** Returns the default mask for a part. */
export function defaultMask(on: 'validation' | 'test'): Mask {
  return on === 'test' ? 'train+validation' : 'train'
}

/** Returns the parts of a mask for the protocol. */
export function maskedParts(mask: Mask): ('train' | 'validation')[] {
  return mask === 'none' ? [] : mask === 'train' ? ['train'] : ['train', 'validation']
}

/**
 * Returns each user's masked items.
 *
 * @param trainLists - `interactionLists` of the train part
 */
export function maskedItems(
  { train, validation }: Split,
  mask: Mask,
  trainLists: InteractionLists,
): InteractionLists {
  if (mask === 'train') return trainLists
  if (mask === 'train+validation') return interactionLists(train, validation)
  return { pointers: new Int32Array(train.users.size + 1), items: new Int32Array() }
}

/** Returns the items of one user. */
export function itemsOf({ pointers, items }: InteractionLists, user: number): Int32Array {
  return items.subarray(pointers[user], pointers[user + 1])
}

/** Counts the relevant items of users, and those of them that are masked. */
export function countRelevant(
  users: Int32Array,
  relevant: InteractionLists,
  masked: InteractionLists,
): { readonly relevantItems: number; readonly maskedRelevantItems: number } {
  let relevantItems = 0
  let maskedRelevantItems = 0
  for (const user of users) {
    const hidden = itemsOf(masked, user)
    for (const item of itemsOf(relevant, user)) {
      relevantItems++
      if (isRelevant(item, hidden)) maskedRelevantItems++
    }
  }
  return { relevantItems, maskedRelevantItems }
}
