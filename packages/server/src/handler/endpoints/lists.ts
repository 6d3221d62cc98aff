import * as z from 'zod'
import { type Endpoint, endpoint } from '../endpoint.js'
import { type RequestSchemas, rankedItems } from '../schemas.js'
import { given, idOf, lengthOf, listFor } from './ask-model.js'

/** Makes the endpoints whose answers are lists. */
export function listEndpoints({
  k,
  choice,
  person,
  unknownUser,
  items,
}: RequestSchemas): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/users/{user}/recommendations',
      role: 'read',
      summary: 'Recommends items to a user.',
      query: z.strictObject({ k: k.optional(), unknownUser: unknownUser.optional() }),
      answer: rankedItems,
      async run({ path, query }, context) {
        const model = await context.model()
        const user = idOf(path['user'], model.recommender.users, 'users')
        const list = listFor(model, { user }, { k: query.k }, query.unknownUser)
        return { model: model.fingerprint, ...list }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/recommendations',
      role: 'read',
      summary: 'Recommends items for a history of anybody, or to a user who met further items.',
      body: z.strictObject({ ...person, ...choice, unknownUser: unknownUser.optional() }),
      answer: rankedItems,
      async run({ body: { unknownUser, ...body } }, context) {
        const { user, history, since, ...choice } = body
        const model = await context.model()
        const list = listFor(model, { user, history, since }, choice, unknownUser)
        return { model: model.fingerprint, ...list }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/items/{item}/similar',
      role: 'read',
      summary: 'Finds the items that are most similar to an item.',
      query: z.strictObject({ k: k.optional() }),
      answer: rankedItems,
      async run({ path, query }, context) {
        const { recommender, fingerprint } = await context.model()
        const item = idOf(path['item'], recommender.items, 'items')
        const length = lengthOf(query.k, recommender.items)
        const list = recommender.similarItems(item, given({ k: length }))
        return { model: fingerprint, ...list }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/similar-items',
      role: 'read',
      summary: 'Finds the items that are most similar to an item, among some or without some.',
      body: z.strictObject({
        item: items.element,
        k: choice.k,
        exclude: choice.exclude,
        candidates: choice.candidates,
      }),
      answer: rankedItems,
      async run({ body: { item, k, exclude, candidates } }, context) {
        const { recommender, fingerprint } = await context.model()
        const options = given({ k: lengthOf(k, recommender.items), exclude, candidates })
        return { model: fingerprint, ...recommender.similarItems(item, options) }
      },
    }),
  ]
}
