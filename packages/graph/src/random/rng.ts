// The types of seedrandom know only its main entry, which loads six more generators.
/// <reference path="./seedrandom.d.ts" />
import seedrandom from 'seedrandom/seedrandom.js'
import { graphCopy, isInstanceOfAnyCopy, type PackageCopy } from '../copies.js'
import { threefry2x32 } from './threefry.js'

const marker = /* @__PURE__ */ Symbol.for('gnnrec.rng')

/** The state of a random stream, as JSON values. */
export interface RngState {
  /** Name of the stream, with the names of the streams it was forked from. */
  readonly name: string
  /** The key that decides all draws: two 32-bit words. */
  readonly key: readonly [number, number]
  /** Number of sequential draws that were taken. */
  readonly position: number
}

const twoToMinus53 = 2 ** -53

/**
 * A named stream of random numbers.
 *
 * seedrandom turns the seed and the stream's name into a key. Draws come from a counter-based
 * generator (Threefry-2x32), so a draw depends on the key and its counter alone. There are
 * two ways to draw: in sequence (`uniform()`, `normal()`, `integer()`...), which moves the saved
 * position, and by address (`uniformAt(block, position)`), which moves nothing. The two never share
 * counters.
 *
 * @example
 * ```ts
 * import { Rng } from '@gnnrec/graph'
 *
 * const rng = Rng.fromSeed(42).fork('weights')
 * console.log(rng.uniform(), rng.integer(10), rng.normal())
 * console.log(rng.uniformAt(0, 7) === rng.uniformAt(0, 7)) // true
 * const same = Rng.fromState(rng.state())
 * console.log(rng.uniform() === same.uniform()) // true
 * ```
 */
export class Rng {
  /** Name of the stream, with the names of the streams it was forked from. */
  readonly name: string
  readonly #key0: number
  readonly #key1: number
  #position: number
  readonly #words = new Int32Array(2)

  private constructor(state: RngState) {
    this.name = state.name
    this.#key0 = state.key[0]
    this.#key1 = state.key[1]
    this.#position = state.position
  }

  /** @internal */
  get [marker](): PackageCopy {
    return graphCopy
  }

  /** Makes `instanceof` true also for objects that another copy of the package made. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceOfAnyCopy(this, Rng, marker, value)
  }

  /** Makes the root stream of a seed. The same seed gives the same draws on every machine. */
  static fromSeed(seed: number | string): Rng {
    return Rng.#keyed(`${typeof seed}:${seed}`, 'root')
  }

  /** Makes a stream that goes on where `state` was taken. */
  static fromState(state: RngState): Rng {
    return new Rng(state)
  }

  static #keyed(entropy: string, name: string): Rng {
    const random = seedrandom(entropy)
    return new Rng({ name, key: [random.int32(), random.int32()], position: 0 })
  }

  /** Makes an independent stream, which depends on this stream's key and `name`, not on its position. */
  fork(name: string): Rng {
    return Rng.#keyed(`${this.#key0},${this.#key1}/${name}`, `${this.name}/${name}`)
  }

  /** The two 32-bit words of the key, for kernels that draw by themselves. */
  get key(): readonly [number, number] {
    return [this.#key0, this.#key1]
  }

  /** Returns the state to save. `Rng.fromState(rng.state())` draws what this stream would draw next. */
  state(): RngState {
    return { name: this.name, key: [this.#key0, this.#key1], position: this.#position }
  }

  /** Draws the next uniform number in [0, 1), with 53 random bits. */
  uniform(): number {
    const position = this.#position++
    // Only sequential draws set the top bit of the second word.
    return this.#draw(position, Math.floor(position / 2 ** 32) | 0x80000000 | 0)
  }

  /**
   * Draws the uniform number in [0, 1) at an address. Earlier draws do not matter.
   *
   * @param block - 0..2^31-1, for instance the epoch
   * @param position - 0..2^32-1, for instance the sample within the epoch
   */
  uniformAt(block: number, position: number): number {
    return this.#draw(position, block)
  }

  /** Draws the next integer in 0..bound-1, uniform up to 2^-53 · bound. */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound)
  }

  /** Draws the integer in 0..bound-1 at an address; see {@link uniformAt}. */
  integerAt(block: number, position: number, bound: number): number {
    return Math.floor(this.uniformAt(block, position) * bound)
  }

  /** Draws the next standard normal number (Box-Muller, from two uniform numbers). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Fills `out` with normal numbers of mean 0 and the given deviation, two for each pair of uniform numbers. */
  fillNormal(out: Float32Array, deviation: number): void {
    for (let i = 0; i < out.length; i += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - this.uniform()))
      const angle = 2 * Math.PI * this.uniform()
      out[i] = radius * Math.cos(angle)
      if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle)
    }
  }

  #draw(counter0: number, counter1: number): number {
    threefry2x32(this.#key0, this.#key1, counter0, counter1, this.#words)
    const high = this.#words[0] >>> 0
    const low = this.#words[1] >>> 11
    return (high * 2 ** 21 + low) * twoToMinus53
  }
}
