import type { BipartiteGraph } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { BprMf, LightGcn } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { graphOf, randomGraph } from '../support/graphs.js'
import { expectFlatMemory, memoryInUse } from '../support/memory.js'
import { batchOf, output } from '../support/training.js'

const list = randomGraph({ users: 50, items: 40, degree: 5 })

describeEachBackend('tensors', () => {
  for (const [name, make] of [
    ['BprMf', (graph: BipartiteGraph) => new BprMf(graph)],
    ['LightGcn', (graph: BipartiteGraph) => new LightGcn(graph)],
    ['LightGcn without layers', (graph: BipartiteGraph) => new LightGcn(graph, { layers: 0 })],
  ] as const) {
    it(`of ${name} are flat over steps, and gone after dispose`, async () => {
      await expectFlatMemory(list, make)
    })
  }

  it('that a method returns are the caller’s, and nothing else stays', () => {
    const graph = graphOf(list)
    const batch = batchOf([0], [1], [2])
    for (const make of [
      () => new BprMf(graph),
      () => new LightGcn(graph),
      () => new LightGcn(graph, { layers: 0 }),
    ]) {
      const model = make()
      const use = () => {
        for (const { users, items } of [model.forward(), ...model.layerOutputs()]) {
          tf.dispose([users, items])
        }
        const { total, terms } = model.lossTerms(batch)
        tf.dispose([total, ...Object.values(terms), model.loss(batch)])
      }
      // The first time puts parameters and matrices of the graph on the device, where they stay.
      use()
      const before = memoryInUse()
      use()
      expect(memoryInUse()).toEqual(before)
      expect(output(model).users.every(Number.isFinite)).toBe(true)
      model.dispose()
    }
    graph.dispose()
  })

  it('of a model are not those of another that is disposed of', () => {
    const graph = graphOf(list)
    const [one, other] = [new LightGcn(graph), new LightGcn(graph)]
    output(one)
    one.dispose()
    expect(output(other).users).toHaveLength(50 * 64)
    other.dispose()
    graph.dispose()
  })
})
