import type { InteractionLists } from '../interactions/interaction-lists.js'
import { defaultRuntime } from '../kernels/kernel-runtime.js'

/** Lists of users' items in kernel memory. */
interface HeldLists {
  /** Returns where the pointers and the items lie at the moment. */
  addresses(): { readonly pointers: number; readonly items: number }
  /** Lets go of the lists; they are freed when nobody else holds them. */
  release(): void
}

/** A keeper of lists of users' items in kernel memory, which holds one copy for everybody who needs them. */
export interface KernelLists {
  /** Returns true while kernels can read the lists. */
  isReady(): boolean
  /** Copies lists into kernel memory, unless they are there already. */
  hold(lists: InteractionLists): HeldLists
}

/** Addresses of the columns of samples. */
export interface DrawColumns {
  readonly users: number
  /** The draw of each sample. */
  readonly draws: number
  readonly positives: number
  readonly negatives: number
}

/** Kernel memory for draws: the lists of a graph's users, and room for samples. */
export class DrawMemory {
  readonly lists: HeldLists
  #room = { address: 0, integers: 0 }

  constructor(lists: HeldLists) {
    this.lists = lists
  }

  /** Returns room for samples; its contents are undefined. */
  columns(samples: number, perSample: number): DrawColumns {
    const needed = samples * (3 + perSample)
    if (needed > this.#room.integers) {
      this.#freeRoom()
      this.#room = { address: defaultRuntime().allocate(4 * needed), integers: needed }
    }
    const column = (number: number) => this.#room.address + 4 * number * samples
    return { users: column(0), draws: column(1), positives: column(2), negatives: column(3) }
  }

  dispose(): void {
    this.#freeRoom()
    this.lists.release()
  }

  #freeRoom(): void {
    if (this.#room.integers > 0) defaultRuntime().free(this.#room.address)
    this.#room = { address: 0, integers: 0 }
  }
}
