import { UnknownIdError } from '../errors.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'

/** Indices of some users and some items of a graph; each ascending and distinct. */
export interface NodeSets {
  readonly users: Int32Array
  readonly items: Int32Array
}

/** One propagation step between the nodes of a {@link SampledGraph}, numbered by their places there. */
export interface SampledStep {
  /** What users take from items: [users, items] of the sample. */
  readonly toUsers: SparseMatrix
  /** What items take from users: [items, users] of the sample. */
  readonly toItems: SparseMatrix
}

/** Where a sample is drawn. The same address gives the same sample, whoever draws it and when. */
export interface SampleAddress {
  /** 0..2^31-1 */
  readonly epoch: number
  /** Batch within the epoch, 0..2^31-1. */
  readonly step: number
}

/**
 * A random part of a graph that one batch propagates over, in place of the whole.
 *
 * `steps[l]` takes values of layer l to layer l + 1, so `steps[0]` acts on the embeddings themselves
 * and the last step gives what the batch is ranked by. All steps are between the same nodes; a row
 * that no later step reads is empty. Steps of subgraphs are one and the same.
 *
 * A backend keeps what it uploads of the steps until {@link dispose}, which whoever trains on a sample
 * calls after its gradient; `Trainer` does so.
 */
export class SampledGraph {
  /** Index in the graph of each user of the sample, ascending. */
  readonly users: Int32Array
  /** Index in the graph of each item of the sample, ascending. */
  readonly items: Int32Array
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
   * Places in {@link users} of users of the graph.
   *
   * @throws UnknownIdError when one is not in the sample
   */
  placesOfUsers(indices: Int32Array): Int32Array {
    return placesOf('user', this.users, indices)
  }

  /**
   * Places in {@link items} of items of the graph.
   *
   * @throws UnknownIdError when one is not in the sample
   */
  placesOfItems(indices: Int32Array): Int32Array {
    return placesOf('item', this.items, indices)
  }

  /** Frees what backends hold of the steps; the sample stays usable. */
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
