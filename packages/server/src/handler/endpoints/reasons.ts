import * as z from 'zod'
import { type Endpoint, endpoint } from '../endpoint.js'
import { explanation, itemScores, type RequestSchemas, standing } from '../schemas.js'
import { given, lengthOf, listFor, personOf } from './ask-model.js'

/** Makes the endpoints that tell scores of items and their reasons. */
export function reasonEndpoints({ id, items, person, choice }: RequestSchemas): Endpoint[] {
  const { user, history } = person
  return [
    endpoint({
      method: 'POST',
      path: '/scores',
      role: 'read',
      summary: 'Returns the scores of some items, whether or not they would be listed.',
      body: z.strictObject({ ...person, items: items.min(1) }),
      answer: itemScores,
      async run({ body: { items, ...person } }, context) {
        const model = await context.model()
        const candidates = [...new Set(items)]
        const list = listFor(
          model,
          person,
          { k: candidates.length, candidates, excludeSeen: false },
          'error',
        )
        const scores = new Map(list.items.map((item, at) => [item, list.scores[at]]))
        const { source } = list
        return {
          model: model.fingerprint,
          source,
          items,
          scores: items.map((item) => scores.get(item)),
        }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/explain',
      role: 'read',
      summary: 'Takes the score of an item apart into what each item of the history adds.',
      body: z.strictObject({ user, history, item: id }),
      answer: explanation,
      async run({ body: { user, history, item } }, context) {
        const { recommender, fingerprint } = await context.model()
        const asked = personOf({ user, history })
        return { model: fingerprint, ...recommender.explain(asked, item) }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/why-not',
      role: 'read',
      summary: 'Tells why an item is not in a list, and which items would have raised it.',
      body: z.strictObject({
        user,
        history,
        item: id,
        lifts: z.int().min(0).max(32).optional().describe('Most items that are named as lifts.'),
        ...choice,
      }),
      answer: standing,
      async run({ body: { user, history, item, k, ...options } }, context) {
        const { recommender, fingerprint } = await context.model()
        const asked = personOf({ user, history })
        const length = lengthOf(k, recommender.items)
        return {
          model: fingerprint,
          ...recommender.whyNot(asked, item, given({ k: length, ...options })),
        }
      },
    }),
  ]
}
