import type { InteractionLists } from '@gnnrec/graph'
import type { SimdBackend } from '@gnnrec/tfjs-backend-simd'
import { type HeldIndices, heldIndices } from './held-indices.js'

/** Addresses of the columns of samples. */
export interface DrawColumns {
  readonly users: number
  /** The draw of each sample. */
  readonly draws: number
  readonly positives: number
  readonly negatives: number
}

/** What draws need of kernel memory: the lists of a graph's users, and room for samples. */
export class DrawMemory {
  readonly #backend: SimdBackend
  readonly #pointers: HeldIndices
  readonly #items: HeldIndices
  #room = { address: 0, integers: 0 }

  /** @param backend - the active one */
  constructor(backend: SimdBackend, { pointers, items }: InteractionLists) {
    this.#backend = backend
    this.#pointers = heldIndices(pointers)
    this.#items = heldIndices(items)
  }

  /** Addresses of the pointers and the items. */
  lists(): [pointers: number, items: number] {
    return [this.#backend.pointer(this.#pointers.tensor), this.#backend.pointer(this.#items.tensor)]
  }

  /** Room for so many samples; its contents are undefined. */
  columns(samples: number, perSample: number): DrawColumns {
    const needed = samples * (3 + perSample)
    if (needed > this.#room.integers) {
      this.#freeRoom()
      this.#room = { address: this.#backend.runtime.allocate(4 * needed), integers: needed }
    }
    const column = (number: number) => this.#room.address + 4 * number * samples
    return { users: column(0), draws: column(1), positives: column(2), negatives: column(3) }
  }

  dispose(): void {
    this.#freeRoom()
    this.#pointers.release()
    this.#items.release()
  }

  #freeRoom(): void {
    if (this.#room.integers > 0) this.#backend.runtime.free(this.#room.address)
    this.#room = { address: 0, integers: 0 }
  }
}
