import * as z from 'zod/mini'
import type { TimeSlice } from '../interactions/time-slice.js'
import { byKernels } from '../kernels/by-kernels.js'
import { parseOptions } from '../options.js'
import { KernelSolver } from './kernel-solver.js'
import type { LeastSquaresRule, LeastSquaresSolver } from './least-squares-solver.js'
import { PlainSolver } from './plain-solver.js'

const positiveInteger = z.int().check(z.gte(1))
const nonNegative = z.number().check(z.gte(0))
const ruleSchema = /* @__PURE__ */ z.strictObject({
  dim: positiveInteger,
  gramWeight: nonNegative,
  entryWeight: nonNegative,
  targetOffset: z.number(),
  block: positiveInteger,
})

/**
 * Makes a solver of weighted least squares of many rows x against one table of rows y:
 *
 * `(gramWeight Σ_all y yᵀ + Σ w y yᵀ + λ I) x = Σ b y` with `w = entryWeight · value` and `b = targetOffset + w`
 *
 * The sums with w and b are over the entries of the row x, λ is its ridge; a row without entries is 0. Each row
 * depends on itself and the table only, so the bytes are the same for any number of threads. The normal matrices are
 * made in float32, and the solution is improved with what it leaves of the right side in float64, so that its error
 * is about that of rounding to float32. Where the platform has no WebAssembly, all is computed in float64 by plain
 * JavaScript, more slowly.
 *
 * @throws InvalidOptionsError for a wrong rule
 * @example
 * ```ts
 * import { finish, leastSquares } from '@gnnrec/graph/kernels'
 *
 * const rule = { dim: 2, gramWeight: 1, entryWeight: 3, targetOffset: 1, block: 2 }
 * const solver = leastSquares(rule)
 * finish(solver.setTable(Float32Array.of(1, 0, 0, 1, 1, 1)))
 * const x = new Float32Array(2)
 * const rows = { pointers: Int32Array.of(0, 1), columns: Int32Array.of(2), ridges: Float64Array.of(0.1) }
 * finish(solver.solve(rows, x))
 * console.log(x)
 * solver.free()
 * ```
 */
export function leastSquares(rule: LeastSquaresRule): LeastSquaresSolver {
  const checked = parseOptions('leastSquares', ruleSchema, rule)
  return byKernels<LeastSquaresSolver>(
    () => new KernelSolver(checked),
    () => new PlainSolver(checked),
  )
}

/**
 * Goes through work that stops now and then.
 *
 * @example
 * ```ts
 * import { finish } from '@gnnrec/graph/kernels'
 *
 * function* count() {
 *   for (let n = 1; n <= 3; n++) {
 *     console.log(n)
 *     yield
 *   }
 * }
 * finish(count())
 * ```
 */
export function finish(work: Generator<void, void, void>): void {
  while (!work.next().done);
}

/**
 * Goes through work that stops now and then, and lets others run when a slice of time is over.
 *
 * @throws the reason of the slice's signal once it is aborted
 * @example
 * ```ts
 * import { TimeSlice } from '@gnnrec/graph'
 * import { finishInSlices } from '@gnnrec/graph/kernels'
 *
 * function* count() {
 *   for (let n = 1; n <= 3; n++) {
 *     console.log(n)
 *     yield
 *   }
 * }
 * await finishInSlices(count(), new TimeSlice())
 * ```
 */
export async function finishInSlices(
  work: Generator<void, void, void>,
  slice: TimeSlice,
): Promise<void> {
  for (const _ of work) if (slice.isOver()) await slice.next()
}
