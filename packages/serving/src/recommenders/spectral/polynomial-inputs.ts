import type { InteractionLists } from '@gnnrec/graph'
import { elementGrain, type KernelRuntime } from '@gnnrec/graph/kernels'

const { fround } = Math

/** The items of each user by their users, in views of kernel memory. */
interface UsersOfItems {
  readonly pointers: Int32Array
  readonly users: Int32Array
  readonly values: Float32Array
}

/** Histories as the few entries of a panel items × width that are not zero. */
export class SparseInput {
  readonly width: number
  readonly #items: Int32Array
  readonly #columns: Int32Array
  /** Number of items of the catalogue. */
  readonly #count: number
  /** The value with which each entry enters: that of its item, times its weight. */
  readonly #values: Float32Array

  constructor({ pointers, items, weights }: InteractionLists, entry: Float32Array, width: number) {
    this.width = width
    this.#items = items
    this.#count = entry.length
    this.#values = Float32Array.from(items, (item, place) =>
      weights ? weights[place] * entry[item] : entry[item],
    )
    this.#columns = new Int32Array(items.length)
    for (let row = 0; row < pointers.length - 1; row++) {
      this.#columns.fill(row, pointers[row], pointers[row + 1])
    }
  }

  /** Writes the histories times a factor into a panel. */
  write(runtime: KernelRuntime, factor: number, out: number, size: number): void {
    const panel = runtime.float32(out, size).fill(0)
    const rounded = fround(factor)
    for (let place = 0; place < this.#items.length; place++) {
      const item = this.#items[place]
      panel[item * this.width + this.#columns[place]] = rounded * this.#values[place]
    }
  }

  /** Adds the histories times a factor to a panel. */
  add(runtime: KernelRuntime, factor: number, out: number): void {
    const panel = runtime.float32(out, this.#count * this.width)
    const rounded = fround(factor)
    for (let place = 0; place < this.#items.length; place++) {
      const item = this.#items[place]
      const at = item * this.width + this.#columns[place]
      panel[at] = panel[at] + fround(rounded * this.#values[place])
    }
  }

  /** Adds the product of R̃ with the histories times a factor to a panel users × width. */
  scatter(factor: number, { pointers, users, values }: UsersOfItems, panel: Float32Array): void {
    const rounded = fround(factor)
    const { width } = this
    for (let place = 0; place < this.#items.length; place++) {
      const item = this.#items[place]
      const column = this.#columns[place]
      const x = fround(rounded * this.#values[place])
      for (let entry = pointers[item]; entry < pointers[item + 1]; entry++) {
        const at = users[entry] * width + column
        panel[at] = panel[at] + fround(values[entry] * x)
      }
    }
  }
}

/** A panel that is read as the input of a polynomial. */
export class DenseInput {
  readonly #panel: number
  readonly #work: number
  readonly #size: number

  /** @param work - a panel for products */
  constructor(panel: number, work: number, size: number) {
    this.#panel = panel
    this.#work = work
    this.#size = size
  }

  /** Writes the input times a factor into a panel. */
  write(runtime: KernelRuntime, factor: number, out: number, size: number): void {
    runtime.run('affine', size, elementGrain, this.#panel, factor, 0, out)
  }

  /** Adds the input times a factor to a panel. */
  add(runtime: KernelRuntime, factor: number, out: number): void {
    this.write(runtime, factor, this.#work, this.#size)
    runtime.run('add', this.#size, elementGrain, out, this.#work, out)
  }
}
