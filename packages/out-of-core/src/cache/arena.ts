interface Hole {
  start: number
  size: number
}

/** Number of bytes of which every part's address is a multiple. */
export const alignment = 64

/** A range of addresses that is given out in parts, from the lowest free address that fits. */
export class Arena {
  /** Free ranges by address, never adjacent. */
  readonly #holes: Hole[]

  constructor(start: number, size: number) {
    this.#holes = [{ start, size: Math.floor(size / alignment) * alignment }]
  }

  /** Takes a part, and returns its address; undefined when no hole is large enough. */
  take(bytes: number): number | undefined {
    const size = alignedBytes(bytes)
    const index = this.#holes.findIndex((hole) => hole.size >= size)
    if (index < 0) return undefined
    const hole = this.#holes[index]
    const { start } = hole
    if (hole.size === size) this.#holes.splice(index, 1)
    else this.#holes[index] = { start: start + size, size: hole.size - size }
    return start
  }

  /** Gives back a part that {@link take} gave. */
  giveBack(start: number, bytes: number): void {
    const size = alignedBytes(bytes)
    let at = 0
    while (at < this.#holes.length && this.#holes[at].start < start) at++
    const hole = { start, size }
    const after = this.#holes[at]
    if (after && start + size === after.start) {
      hole.size += after.size
      this.#holes.splice(at, 1)
    }
    const before = this.#holes[at - 1]
    if (before && before.start + before.size === start) before.size += hole.size
    else this.#holes.splice(at, 0, hole)
  }
}

/** Rounds the size of a part up to the alignment. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / alignment) * alignment
}
