/** The parts of a file that are held at one time may unpack to as much, however small they are. */
const harmlessBytes = 1 << 29

/** The largest ratio of unpacked to packed size of parts that are not small. */
const maxRatio = 16

/**
 * A limit on the memory that the parts of a file take which are held at one time: the columns of a row group
 * of Parquet, or a batch of Arrow. Each part has a bound of its own, but there may be any number of them.
 */
export class UnpackBudget {
  readonly #what: string
  readonly #packedBytes: () => number
  #unpacked = 0

  /**
   * @param what - the name of the parts in messages
   * @param packedBytes - returns the number of bytes of the file from which the parts come
   */
  constructor(what: string, packedBytes: () => number) {
    this.#what = what
    this.#packedBytes = packedBytes
  }

  /**
   * Counts bytes that are about to be allocated.
   *
   * @throws RangeError when they are more than so small a part of the file should need
   */
  spend(bytes: number): void {
    this.#unpacked += bytes
    const packed = this.#packedBytes()
    const most = Math.max(harmlessBytes, packed * maxRatio)
    if (this.#unpacked <= most) return
    throw new RangeError(
      `${this.#what} unpacks to ${this.#unpacked} bytes or more, expected at most ${most} from ${packed} bytes of the file; write smaller ones`,
    )
  }

  /** Starts again with parts that are still held, when all others have been given up. */
  restart(heldBytes: number): void {
    this.#unpacked = heldBytes
  }
}
