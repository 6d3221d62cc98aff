// The types of seedrandom know only the main entry, which brings six generators more.
/// <reference path="./seedrandom.d.ts" />
import seedrandom from 'seedrandom/seedrandom.js'
import { threefry2x32 } from './threefry.js'

/** Where a stream stands: its key and how many sequential draws were taken. JSON-safe. */
export interface RngState {
  readonly name: string
  readonly key: readonly [number, number]
  readonly position: number
}

const twoToMinus53 = 2 ** -53

/**
 * A named stream of random numbers.
 *
 * seedrandom turns the seed and the stream's name into a key; draws come from a counter-based
 * generator (Threefry-2x32), so a draw depends on the key and its counter alone. There are
 * two ways to draw: in sequence (`uniform()`, `normal()`, `integer()`...), which moves the saved
 * position, and by address (`uniformAt(block, position)`), which moves nothing. The two never share
 * counters: sequential draws have an address no caller can name.
 */
export class Rng {
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

  /** The root stream of a seed. The same seed gives the same draws on every machine. */
  static fromSeed(seed: number | string): Rng {
    return Rng.#keyed(`${typeof seed}:${seed}`, 'root')
  }

  /** A stream that goes on where `state` was taken. */
  static fromState(state: RngState): Rng {
    return new Rng(state)
  }

  static #keyed(entropy: string, name: string): Rng {
    const random = seedrandom(entropy)
    return new Rng({ name, key: [random.int32(), random.int32()], position: 0 })
  }

  /** An independent stream; it depends on this stream's key and on `name`, not on its position. */
  fork(name: string): Rng {
    return Rng.#keyed(`${this.#key0},${this.#key1}/${name}`, `${this.name}/${name}`)
  }

  /** The two 32-bit key words, for kernels that draw by themselves. */
  get key(): readonly [number, number] {
    return [this.#key0, this.#key1]
  }

  /** The state to save; `Rng.fromState(rng.state())` draws what this stream would have drawn. */
  state(): RngState {
    return { name: this.name, key: [this.#key0, this.#key1], position: this.#position }
  }

  /** Next uniform number in [0, 1), with 53 random bits. */
  uniform(): number {
    const position = this.#position++
    // The top bit of the second word is kept for sequential draws.
    return this.#draw(position, Math.floor(position / 2 ** 32) | 0x80000000 | 0)
  }

  /**
   * The uniform number in [0, 1) at an address, whatever was drawn before.
   *
   * @param block - 0..2^31-1, for instance the epoch
   * @param position - 0..2^32-1, for instance the sample within the epoch
   */
  uniformAt(block: number, position: number): number {
    return this.#draw(position, block)
  }

  /** Next integer in 0..bound-1, uniform up to 2^-53 · bound. */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound)
  }

  /** The integer in 0..bound-1 at an address; see {@link uniformAt}. */
  integerAt(block: number, position: number, bound: number): number {
    return Math.floor(this.uniformAt(block, position) * bound)
  }

  /** Next standard normal number (Box-Muller, two uniforms each). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Fills `out` with normal numbers of mean 0, two for each pair of uniforms. */
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
