import { OutOfMemoryError } from './errors.js'

/**
 * The largest sizes that options may ask for. Larger ones are refused with `INVALID_OPTIONS` before anything is
 * allocated: no training needs them, and they come from slips and damaged files.
 *
 * @example
 * ```ts
 * import { sizeLimits } from '@gnnrec/graph'
 *
 * console.log(sizeLimits.layers, sizeLimits.embeddingDim)
 * ```
 */
export const sizeLimits = /* @__PURE__ */ Object.freeze({
  /** Number of propagation steps of a model, of a sample or of an operator. */
  layers: 256,
  /** Length of an embedding. */
  embeddingDim: 16_384,
  /** Length of an embedding that least squares make: a solution multiplies this number cubed times. */
  foldInDim: 2048,
  /** Number of singular values. A dense problem of this order takes some seconds, in which no signal is heard. */
  rank: 1024,
  /** Number of columns of the subspace beyond the singular values. */
  oversampling: 256,
  /** Number of nearest items that `Dgr` keeps for each item. */
  neighbours: 1000,
  /** Number of negatives for each positive. */
  negativesPerPositive: 10_000,
  /** Number of samples of a batch, negatives counted: 1 GiB of indices. */
  batchItems: 2 ** 28,
  /** Number of nodes that the walks of one subgraph visit, unless ten for each node of the graph are more. */
  walkVisits: 1_000_000,
  /** Number of subgraphs that are drawn beforehand. */
  countedSubgraphs: 10_000_000,
  /** Number of random resamples or permutations of a statistical test. */
  resamples: 10_000_000,
})

/** Most bytes of arrays where the platform does not tell how much memory it has, as in a page. */
const unknownMemory = 2 ** 33

/**
 * Returns the bytes of memory that the machine, or the group of processes that this one belongs to, can have; 8 GiB
 * where the platform does not tell.
 *
 * @example
 * ```ts
 * import { machineMemory } from '@gnnrec/graph/kernels'
 *
 * console.log((machineMemory() / 2 ** 30).toFixed(1), 'GiB')
 * ```
 */
export function machineMemory(): number {
  const os = globalThis.process?.getBuiltinModule?.('node:os')
  if (!os) return unknownMemory
  const limit = globalThis.process.constrainedMemory?.() ?? 0
  return limit > 0 ? Math.min(os.totalmem(), limit) : os.totalmem()
}

/**
 * Refuses arrays that no memory of this machine could hold, before they are allocated.
 *
 * @param what - the arrays, and their owner
 * @param advice - a sentence that says what to do
 * @throws OutOfMemoryError when the arrays take more bytes than the machine has
 * @example
 * ```ts
 * import { checkMachineMemory } from '@gnnrec/graph/kernels'
 *
 * checkMachineMemory('A table of similarities', 4 * 1000 ** 2, 'Keep fewer items.')
 * try {
 *   checkMachineMemory('A table of similarities', 4 * 1e9 ** 2, 'Keep fewer items.')
 * } catch (error) {
 *   console.log((error as Error).message)
 * }
 * ```
 */
export function checkMachineMemory(what: string, bytes: number, advice: string): void {
  const most = machineMemory()
  if (bytes <= most) return
  const gibibytes = (count: number) => `${(count / 2 ** 30).toFixed(1)} GiB`
  throw new OutOfMemoryError(
    `${what} would take ${gibibytes(bytes)}; this machine has ${gibibytes(most)}. ${advice}`,
  )
}
