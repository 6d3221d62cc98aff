import { GnnRecError, sizeLimits } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import type { RecommenderModel } from '../registry/model-class.js'
import { check, checkFinite } from './check.js'
import { scoresOf } from './scores-of.js'

type CreateModel = (changes: object) => RecommenderModel<string, number>

/** Bytes of arrays that refusing an option may take. */
const fewBytes = 2 ** 25

/** More layers than any model has, and few enough to compute them. */
const tooManyLayers = 4 * sizeLimits.layers

/**
 * Tries huge numbers for every option that is an integer. Each has to be refused by a typed error before much is
 * allocated, or to give finite scores.
 */
export async function checkSizes(create: CreateModel): Promise<void> {
  const model = create({})
  const options = Object.entries(model.options).filter(
    ([name, value]) => name !== 'seed' && Number.isInteger(value),
  )
  model.dispose()
  model.graph.dispose()
  const usual = await operationsOf(create, {})
  for (const [name, value] of options) {
    // Without this check, a class whose number of layers has no bound would compute until somebody ends it.
    const more = (await operationsOf(create, { [name]: tooManyLayers })) - usual
    check(
      more < tooManyLayers / 2,
      `${name} ${tooManyLayers}: takes ${more} operations more than ${name} ${value}, so that huge numbers would compute for ever; expected a typed error above a bound, such as sizeLimits.layers`,
    )
    for (const size of [65_536, 1e9, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER]) {
      await checkSize(create, name, size)
    }
  }
}

/** Counts the operations of TensorFlow.js until a recommender is made or refused. */
async function operationsOf(create: CreateModel, changes: object): Promise<number> {
  const { kernels } = await tf.profile(async () => {
    let model: ReturnType<CreateModel> | undefined
    // TensorFlow.js goes on counting after an error, so none may leave this function.
    try {
      model = create(changes)
      await model.prepare()
      await model.toRecommender()
    } catch {
      // Errors are looked at by checkSize.
    } finally {
      model?.dispose()
      model?.graph.dispose()
    }
    return []
  })
  return kernels.length
}

async function checkSize(create: CreateModel, name: string, size: number): Promise<void> {
  const arrayBytes = () => globalThis.process?.memoryUsage?.().arrayBuffers ?? 0
  const before = arrayBytes()
  let large: ReturnType<CreateModel> | undefined
  try {
    large = create({ [name]: size })
    await large.prepare()
    checkFinite(scoresOf(await large.toRecommender()), `scores with ${name} ${size}`)
  } catch (error) {
    check(GnnRecError.isInstance(error), `${name} ${size}: got ${error}, expected a typed error`)
    const taken = arrayBytes() - before
    check(taken < fewBytes, `${name} ${size}: took ${taken} bytes before it was refused`)
  } finally {
    large?.dispose()
    large?.graph.dispose()
  }
}
