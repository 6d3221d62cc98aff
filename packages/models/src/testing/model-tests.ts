import type { ModelClass } from '../registry/model-class.js'
import type { ModelTest } from './model-test.js'
import { recommenderTests } from './recommender-tests.js'
import { trainingTests } from './training-tests.js'

/** Options of {@link modelTests}. */
export interface ModelTestOptions {
  /** Options of the models that are tested, besides `seed`. @defaultValue those of the class */
  readonly options?: object
  /** Further options with which the class trains on samples of the graph. @defaultValue none */
  readonly sampledOptions?: object
  /** False for a class that trains nothing with these options. @defaultValue true */
  readonly hasParameters?: boolean
}

/**
 * Returns the tests that every model class has to pass: names, shapes, lists, losses, gradients, the same
 * bytes for any number of threads, saving and loading, samples of the graph, limits of memory, bad input and
 * leaks. Which of them apply follows from the `capabilities` of the class. The tests belong to no test
 * framework, so that any can run them; they run on the active backend.
 *
 * @param Model - a class of this package or of your own
 * @example
 * ```ts
 * import { LightGcn } from '@gnnrec/models'
 * import { modelTests } from '@gnnrec/models/testing'
 *
 * // With vitest: for (const { name, run } of modelTests(LightGcn)) it(name, run)
 * const [first] = modelTests(LightGcn, { options: { layers: 2, embeddingDim: 8 } })
 * await first.run()
 * console.log(`LightGcn ${first.name}`)
 * ```
 */
export function modelTests(
  Model: ModelClass,
  { options = {}, sampledOptions = {}, hasParameters = true }: ModelTestOptions = {},
): ModelTest[] {
  return [
    ...recommenderTests(Model, options),
    ...(Model.capabilities.isTrained
      ? trainingTests(Model, options, sampledOptions, hasParameters)
      : []),
  ]
}
