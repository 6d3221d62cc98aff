import { UnknownIdError } from '../errors.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'

/** Indices of some users and some items of a graph, each list ascending and distinct. */
export interface NodeSets {
  readonly users: Int32Array
  readonly items: Int32Array
}

/** One propagation step between the nodes of a {@link SampledGraph}, numbered by their places there. */
export interface SampledStep {
  /** The matrix by which users take from items: [users, items] of the sample. */
  readonly toUsers: SparseMatrix
  /** The matrix by which items take from users: [items, users] of the sample. */
  readonly toItems: SparseMatrix
}

/** The address of a sample. The same address gives the same sample, whoever draws it and when. */
export interface SampleAddress {
  /** The epoch, 0..2^31-1. */
  readonly epoch: number
  /** The batch within the epoch, 0..2^31-1. */
  readonly step: number
}

/**
 * A random part of a graph that one batch propagates over, in place of the whole.
 *
 * `steps[l]` takes values of layer l to layer l + 1, so `steps[0]` acts on the embeddings themselves,
 * and the last step gives the values by which the batch is ranked. All steps are between the same
 * nodes. A row that no later step reads is empty. The steps of a subgraph are all the same object.
 *
 * A backend keeps the tensors that it made of the steps until {@link dispose}. Whoever trains on a
 * sample calls it after the gradient, as `Trainer` does.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords, Rng, samplers } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * const sampler = new samplers.NeighbourSampler(graph, { fanOuts: [1], rng: Rng.fromSeed(1) })
 * const nodes = { users: Int32Array.of(0), items: Int32Array.of(1) }
 * const sampled = sampler.sample(nodes, { epoch: 0, step: 0 })
 * console.log(sampled.users, sampled.items, sampled.steps.length)
 * ```
 */
export class SampledGraph {
  /** Index in the graph of each user of the sample, ascending. */
  readonly users: Int32Array
  /** Index in the graph of each item of the sample, ascending. */
  readonly items: Int32Array
  /** The propagation steps, the one on the embeddings first. */
  readonly steps: readonly SampledStep[]

  constructor({ users, items }: NodeSets, steps: readonly SampledStep[]) {
    this.users = users
    this.items = items
    this.steps = steps
  }

  /** Number of distinct entries of all steps. */
  get entryCount(): number {
    let count = 0
    for (const { toUsers, toItems } of new Set(this.steps)) {
      count += toUsers.nonZeros + toItems.nonZeros
    }
    return count
  }

  /**
   * Returns the places in {@link users} of users of the graph.
   *
   * @throws UnknownIdError when one is not in the sample
   */
  placesOfUsers(indices: Int32Array): Int32Array {
    return placesOf('user', this.users, indices)
  }

  /**
   * Returns the places in {@link items} of items of the graph.
   *
   * @throws UnknownIdError when one is not in the sample
   */
  placesOfItems(indices: Int32Array): Int32Array {
    return placesOf('item', this.items, indices)
  }

  /** Frees the tensors that backends hold of the steps. The sample stays usable. */
  dispose(): void {
    for (const { toUsers, toItems } of new Set(this.steps)) {
      toUsers.dispose()
      toItems.dispose()
    }
  }
}

function placesOf(kind: string, sorted: Int32Array, indices: Int32Array): Int32Array {
  return indices.map((index) => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sorted[middle] < index) low = middle + 1
      else high = middle
    }
    if (sorted[low] !== index) {
      throw new UnknownIdError(
        index,
        `The ${kind} index ${index} is not among the ${sorted.length} ${kind}s of the sampled graph; draw the sample around the batch, or the batch from the sample.`,
      )
    }
    return low
  })
}
