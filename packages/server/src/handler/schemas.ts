import * as z from 'zod'
import type { CheckedLimits } from './limits.js'

/** Makes the schemas of what requests hold; their limits depend on the server. */
export function requestSchemas({ idLength, listLength, historyLength, itemCount }: CheckedLimits) {
  const id = z
    .union([z.string().max(idLength), z.number()], {
      error: `expected an id: a number, or a string of at most ${idLength} characters`,
    })
    .describe('An id, of the type that the model has: 7 and "7" are different ids.')
  const historyItem = z
    .union(
      [
        id,
        z.strictObject({
          item: id,
          weight: z.number().positive().optional(),
          time: z.number().optional(),
        }),
      ],
      { error: 'expected an id, or an object with item and perhaps weight and time' },
    )
    .describe('An item that somebody met, perhaps with a weight above 0 and a time.')
  const items = z.array(id).max(itemCount)
  const history = z.array(historyItem).max(historyLength)
  const k = z
    .int()
    .min(1)
    .max(listLength)
    .describe('Most items of the list; 10 without it. There are never more than the model has.')
  const person = {
    user: id.optional().describe('A user. Give either this or a history.'),
    history: history.optional().describe('Items of anybody. Give either this or a user.'),
    since: history.optional().describe('Items that the user met after the training.'),
  }
  const unknownUser = z
    .enum(['popularity', 'error'])
    .describe('The answer for a user whom the model does not know: the most popular items, or 404.')
  const choice = {
    k: k.optional(),
    exclude: items.optional().describe('Items that are left out.'),
    candidates: items.optional().describe('The only items that may be in the list.'),
    excludeSeen: z.boolean().optional().describe('False to list items that the person met, too.'),
    halfLife: z
      .number()
      .positive()
      .optional()
      .describe('Time after which an item of the history counts half, in the unit of its times.'),
  }
  return { id, items, k, person, unknownUser, choice }
}

/** The schemas of what requests hold. */
export type RequestSchemas = ReturnType<typeof requestSchemas>

const answeredId = z.union([z.string(), z.number()])
const fingerprint = z.string().describe('SHA-256 that tells this model from others.')
const source = z
  .enum(['trained', 'folded-in', 'popularity'])
  .describe(
    'The way in which the answer was made: by the model for a user of training, by the model for a history, or from popularity.',
  )

/** The fields that all answers of a model have. */
const ofModel = { model: fingerprint, source }

/** The schema of a list of items. */
export const rankedItems = z.object({
  ...ofModel,
  user: answeredId.optional().describe('The user that was asked for.'),
  items: z.array(answeredId).describe('The items, best first.'),
  scores: z.array(z.number()).describe('The score of each item.'),
  coldItems: z.array(answeredId).optional(),
  search: z.enum(['index', 'exact']).optional(),
  ignoredItems: z.int().optional().describe('Number of items of the history that did not count.'),
})

/** The schema of the parts of a score. */
export const explanation = z.object({
  ...ofModel,
  item: answeredId,
  score: z.number(),
  method: z.enum(['exact', 'leave-one-out', 'none']),
  contributions: z.array(z.object({ item: answeredId, contribution: z.number() })),
  remainder: z.number(),
})

/** The schema of the standing of an item. */
export const standing = z.object({
  ...ofModel,
  item: answeredId,
  score: z.number(),
  leftOut: z.enum(['seen', 'excluded', 'not a candidate']).nullable(),
  rank: z.int(),
  last: z.object({ item: answeredId, score: z.number() }).nullable(),
  gap: z.number().nullable(),
  lifts: z.object({
    method: z.enum(['exact', 'tried', 'none']),
    tried: z.int(),
    items: z.array(
      z.object({
        item: answeredId,
        score: z.number(),
        rank: z.int(),
        gap: z.number().nullable(),
      }),
    ),
  }),
})

/** The schema of scores of given items. */
export const itemScores = z.object({
  ...ofModel,
  items: z.array(answeredId),
  scores: z.array(z.number()).describe('The score of each item, in the order of the question.'),
})

const modelFacts = z.object({
  fingerprint,
  architecture: z.string(),
  users: z.int(),
  items: z.int(),
  idTypes: z.object({ users: z.enum(['string', 'number']), items: z.enum(['string', 'number']) }),
  loadedAt: z.iso.datetime(),
})

/** The schema of what is known of the models of a server. */
export const modelsAnswer = z.object({
  current: modelFacts,
  previous: modelFacts.nullable().describe('The model that a roll-back brings back.'),
  isSwapping: z.boolean().describe('True while another model is loaded.'),
  failure: z
    .object({ at: z.iso.datetime(), code: z.string(), message: z.string() })
    .nullable()
    .describe('The last attempt to exchange the model, when it failed.'),
})

/** The schema of an error. */
export const errorAnswer = z.object({
  error: z.object({
    code: z.string().describe('The kind of error, stable across versions.'),
    message: z.string(),
    requestId: z.string(),
  }),
})
