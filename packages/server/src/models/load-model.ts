import { type ModelSource, Recommender, SerializationError } from '@gnnrec/serving'
import { readFingerprint } from '@gnnrec/serving/model-folder'
import type { ServedModel } from './served-model.js'

/** Number of times that a folder is read while others save to it. */
const mostReads = 10

/** A recommender, or the place of a saved one. */
export type ModelOrPlace = Recommender | ModelSource

/**
 * Loads a model with its fingerprint.
 *
 * @throws SerializationError when the place holds no model, a damaged one, or another one at each look
 */
export async function loadModel(model: ModelOrPlace): Promise<ServedModel> {
  if (isRecommender(model)) {
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    return served(model, await readFingerprint(files))
  }
  let before = await readFingerprint(model)
  for (let read = 0; read < mostReads; read++) {
    const recommender = await Recommender.load(model)
    // A save of another process may have come in between.
    const after = await readFingerprint(model)
    if (after === before) return served(recommender, after)
    recommender.dispose()
    before = after
  }
  throw new SerializationError(
    `The model was replaced during each of ${mostReads} reads; save to its folder less often.`,
  )
}

/** Tells a recommender from the place of one. */
export function isRecommender(model: ModelOrPlace): model is Recommender {
  return typeof model === 'object' && 'recommendFor' in model && 'items' in model
}

function served(recommender: Recommender, fingerprint: string): ServedModel {
  return { recommender, fingerprint, loadedAt: new Date() }
}
