/**
 * A network with costs that are rows of integers, compared from left to right. Units are sent along the cheapest path one
 * after the other (successive shortest paths), so that after each of them the flow is the cheapest of its amount.
 */
export class LexicographicFlow {
  readonly #width: number
  readonly #leaving: number[][]
  /** Ends of the edges; the edge after an even one leads back. */
  readonly #ends: number[] = []
  readonly #capacities: number[] = []
  /** The costs of the even edges. */
  readonly #costs: (readonly number[])[] = []

  /** @param width - length of a cost */
  constructor(nodes: number, width: number) {
    this.#width = width
    this.#leaving = Array.from({ length: nodes }, () => [])
  }

  /** Adds an edge and returns its number. */
  addEdge(from: number, to: number, capacity: number, cost: readonly number[]): number {
    const edge = this.#ends.length
    this.#ends.push(to, from)
    this.#capacities.push(capacity, 0)
    this.#costs.push(cost)
    this.#leaving[from].push(edge)
    this.#leaving[to].push(edge + 1)
    return edge
  }

  /** Returns the number of units on an edge. */
  flowOn(edge: number): number {
    return this.#capacities[edge + 1]
  }

  /**
   * Sends one more unit if there is a path and its cost is accepted.
   *
   * @returns true when it was sent
   */
  sendOne(source: number, sink: number, accepts: (cost: Float64Array) => boolean): boolean {
    const width = this.#width
    const nodes = this.#leaving.length
    const costs = new Float64Array(nodes * width)
    const from = new Int32Array(nodes).fill(-1)
    const isWaiting = new Uint8Array(nodes)
    const queue = [source]
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at]
      isWaiting[node] = 0
      for (const edge of this.#leaving[node]) {
        if (this.#capacities[edge] === 0) continue
        const end = this.#ends[edge]
        const isNew = from[end] === -1 && end !== source
        if (!isNew && !this.#isCheaper(costs, node, edge, end)) continue
        this.#setCost(costs, node, edge, end)
        from[end] = edge
        if (isWaiting[end] === 0) {
          isWaiting[end] = 1
          queue.push(end)
        }
      }
    }
    if (from[sink] === -1) return false
    if (!accepts(costs.subarray(sink * width, (sink + 1) * width))) return false
    for (let node = sink; node !== source; ) {
      const edge = from[node]
      this.#capacities[edge]--
      this.#capacities[edge ^ 1]++
      node = this.#ends[edge ^ 1]
    }
    return true
  }

  #isCheaper(costs: Float64Array, node: number, edge: number, end: number): boolean {
    const width = this.#width
    const cost = this.#costs[edge >> 1]
    const sign = edge % 2 === 0 ? 1 : -1
    for (let c = 0; c < width; c++) {
      const difference = costs[node * width + c] + sign * cost[c] - costs[end * width + c]
      if (difference !== 0) return difference < 0
    }
    return false
  }

  #setCost(costs: Float64Array, node: number, edge: number, end: number): void {
    const width = this.#width
    const cost = this.#costs[edge >> 1]
    const sign = edge % 2 === 0 ? 1 : -1
    for (let c = 0; c < width; c++)
      costs[end * width + c] = costs[node * width + c] + sign * cost[c]
  }
}
