import * as z from 'zod'
import type { ModelSlot } from '../../models/model-slot.js'
import type { ServedModel } from '../../models/served-model.js'
import { type Endpoint, endpoint } from '../endpoint.js'
import { modelsAnswer } from '../schemas.js'

/** Makes the endpoints about the models of the server. */
export function modelEndpoints(): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/models',
      role: 'read',
      summary: 'Describes the model that answers, the one before it, and the last failed exchange.',
      answer: modelsAnswer,
      async run(_, { slot, model }) {
        return describe(await model(), slot)
      },
    }),
    endpoint({
      method: 'POST',
      path: '/models/swap',
      role: 'admin',
      summary:
        'Loads the model that is now in the folder, checks it, and lets it answer from the next request on.',
      body: z.strictObject({
        fingerprint: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional()
          .describe('The fingerprint that the new model must have.'),
      }),
      answer: z.object({ hasChanged: z.boolean(), ...modelsAnswer.shape }),
      async run({ body: { fingerprint } }, { slot, model }) {
        const hasChanged = await slot.swap({ fingerprint })
        return { hasChanged, ...describe(await model(), slot) }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/models/roll-back',
      role: 'admin',
      summary: 'Lets the earlier model answer again from the next request on.',
      body: z.strictObject({}),
      answer: modelsAnswer,
      run(_, { slot }) {
        return describe(slot.rollBack(), slot)
      },
    }),
  ]
}

function describe(current: ServedModel, { previous, isSwapping, failure }: ModelSlot) {
  return {
    current: factsOf(current),
    previous: previous ? factsOf(previous) : null,
    isSwapping,
    failure: failure ? { at: failure.at, code: failure.code, message: failure.message } : null,
  }
}

function factsOf({ recommender, fingerprint, loadedAt }: ServedModel) {
  const { users, items, origin } = recommender
  return {
    fingerprint,
    architecture: origin.architecture,
    users: users.size,
    items: items.size,
    idTypes: { users: users.type, items: items.type },
    loadedAt,
  }
}
