import { type BipartiteGraph, parseOptions, sizeLimits } from '@gnnrec/graph'
import { type NodeTensors, spmm, useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { EmbeddingModel, embeddingOptionsShape } from '../../src/index.js'
import { modelTests } from '../../src/testing.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

/** LightGCN with as many layers as somebody asks for, by a name that `EmbeddingModel` does not bound. */
abstract class Propagation extends EmbeddingModel {
  readonly #hops: number

  constructor(graph: BipartiteGraph, options: object, hops: z.ZodType<number>) {
    const schema = z.strictObject({ ...embeddingOptionsShape, hops: hops.default(2) })
    const settings = parseOptions('propagation', schema, options)
    super(graph, settings)
    this.#hops = settings.hops
  }

  override layerOutputs(): NodeTensors[] {
    return [this.forward()]
  }

  protected override forwardBatch(): NodeTensors {
    let { users, items } = this.layerZero
    const matrix = this.graph.biadjacency({ normalization: 'symmetric' })
    for (let hop = 0; hop < this.#hops; hop++) {
      ;[users, items] = [
        tf.add(users, spmm(matrix, items)),
        tf.add(items, spmm(matrix.transpose(), users)),
      ]
    }
    return { users, items }
  }
}

class Unbounded extends Propagation {
  static override readonly architecture = 'unbounded'

  constructor(graph: BipartiteGraph, options: object = {}) {
    super(graph, options, z.int().min(1))
  }
}

class Bounded extends Propagation {
  static override readonly architecture = 'bounded'

  constructor(graph: BipartiteGraph, options: object = {}) {
    super(graph, options, z.int().min(1).max(sizeLimits.layers))
  }
}

/** Runs the test of huge sizes among those that every model has to pass. */
function runSizes(Model: typeof Unbounded | typeof Bounded): Promise<void> {
  const test = modelTests(Model).find(({ name }) => name.startsWith('refuses sizes'))
  if (!test) throw new Error('There is no such test.')
  return test.run()
}

describe('the test of sizes that every model has to pass', () => {
  it('fails for a class whose number of layers has no bound, instead of computing for ever', async () => {
    await expect(runSizes(Unbounded)).rejects.toThrow(
      /^hops 1024: takes \d+ operations more than hops 2,.*sizeLimits\.layers$/,
    )
  })

  it('passes for the same class with a bound', async () => {
    await runSizes(Bounded)
  })
})
