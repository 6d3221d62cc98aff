import type { GraphModel } from '../graph-model.js'
import type { ModelClass } from '../registry/model-class.js'
import { check, checkError } from './check.js'
import type { ModelTest } from './model-test.js'
import { checkDescription, checkGradient, checkLoss, checkShapes } from './tensor-checks.js'
import { coldGraph, testGraph } from './test-graph.js'
import { variablesOf } from './train-steps.js'
import {
  checkBadBatches,
  checkCold,
  checkLeaks,
  checkLearning,
  checkLoaded,
  checkSampled,
  checkThreads,
  type LoadableClass,
} from './training-checks.js'

/** Returns the tests of models that train: tensors, losses, gradients, threads, samples, memory, leaks. */
export function trainingTests(
  Model: ModelClass,
  options: object,
  sampledOptions: object,
  hasParameters: boolean,
): ModelTest[] {
  const create = (changes: object = {}, graph = testGraph()): GraphModel =>
    new Model(graph as never, { ...options, ...changes } as never) as unknown as GraphModel

  async function withModel<Result>(
    use: (model: GraphModel) => Promise<Result>,
    changes?: object,
    graph?: ReturnType<typeof testGraph>,
  ): Promise<Result> {
    const model = create(changes, graph)
    try {
      await model.prepare()
      return await use(model)
    } finally {
      model.dispose()
      model.graph.dispose()
    }
  }
  const test = (
    name: string,
    use: (model: GraphModel) => Promise<void>,
    changes?: object,
  ): ModelTest => ({ name, run: () => withModel(use, changes) })

  const tests = [
    test(
      hasParameters ? 'has parameters to train' : 'has no parameters, as announced',
      async (model) => {
        const count = variablesOf(model).length
        check(count > 0 === hasParameters, `parameters() has ${count} tensors`)
      },
    ),
    test('gives final embeddings and layers of all nodes', checkShapes),
    test('describes its tensors as they are', checkDescription),
    test('gives the same loss by loss() and lossTerms(), with its terms', checkLoss),
    test('gives gradients that agree with differences of the loss', checkGradient),
    test('goes on training alike after saving and loading, and frees what it loaded', (model) =>
      checkLoaded(Model as unknown as LoadableClass, model)),
    test('refuses batches that do not fit, and stays usable', checkBadBatches),
    {
      name: 'trains on a graph with cold users and items',
      run: () => withModel(checkCold, {}, coldGraph()),
    },
    {
      name: 'trains to the same bytes on 1, 2 and 3 threads of simd',
      run: () => checkThreads(withModel),
    },
    {
      name: 'leaves no tensor behind, and none after dispose',
      run: () => checkLeaks(create),
    },
    {
      name: 'refuses to be made above maxMemory',
      run: () =>
        checkError(
          () => create({ maxMemory: 1 }),
          'MODEL_TOO_LARGE',
          Model.architecture,
          'maxMemory',
        ),
    },
    Model.capabilities.sampledGraphs
      ? test(
          'has the same loss on a sample of all neighbours as on the graph',
          checkSampled,
          sampledOptions,
        )
      : test('says that it needs the whole graph', (model) =>
          checkError(() => model.sampledPropagation(), 'SAMPLED_GRAPH_UNSUPPORTED')),
  ]
  const isTrained = () => withModel(async (model) => variablesOf(model).length > 0)
  const losses = Model.capabilities.losses.map((name) => ({
    name: `learns with the loss '${name}'`,
    run: async () => {
      if (await isTrained()) await withModel(checkLearning, { loss: { name } })
    },
  }))
  return [...tests, ...losses]
}
