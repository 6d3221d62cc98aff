import type { BatchIterator, InteractionLists } from '@gnnrec/graph'
import type { SimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'
import { heldIndices } from '../kernels/held-indices.js'

/** Kernel memory that {@link drawByKernels} took. */
interface KernelDraws {
  /** Frees the memory. The iterator can go on; the memory is then allocated again. */
  release(): void
}

/**
 * Lets kernels on all threads draw the batches of an iterator while the active backend is `simd`. On
 * other backends the iterator draws by itself. Negatives by popularity are always drawn by the iterator.
 * The batches are the same to the byte.
 *
 * The lists of the graph's users are copied to the backend once for all who need them there.
 *
 * @example
 * ```ts
 * import { BatchIterator, BipartiteGraph, fromRecords, Rng } from '@gnnrec/graph'
 * import { drawByKernels, useBackend } from '@gnnrec/ops'
 *
 * await useBackend('simd')
 * const table = fromRecords([
 *   { user: 'ann', item: 'jaws' },
 *   { user: 'bob', item: 'alien' },
 * ])
 * const graph = BipartiteGraph.fromInteractions(table)
 * const batches = new BatchIterator(graph, { batchSize: 2, rng: Rng.fromSeed(1) })
 * const draws = drawByKernels(batches)
 * for (const { users, positives, negatives } of batches.epoch(0)) {
 *   console.log(users, positives, negatives)
 * }
 * draws.release()
 * ```
 */
export function drawByKernels(iterator: BatchIterator): KernelDraws {
  return iterator.drawByKernels({ isReady, hold })
}

function isReady(): boolean {
  return tf.getBackend() === 'simd'
}

function hold(lists: InteractionLists) {
  const backend = tf.backend() as unknown as SimdBackend
  const pointers = heldIndices(lists.pointers)
  const items = heldIndices(lists.items)
  return {
    addresses: () => ({
      pointers: backend.pointer(pointers.tensor),
      items: backend.pointer(items.tensor),
    }),
    release() {
      pointers.release()
      items.release()
    },
  }
}
