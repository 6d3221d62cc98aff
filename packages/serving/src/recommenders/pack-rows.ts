import { GnnRecError } from '@gnnrec/graph'
import { warn } from '@gnnrec/graph/kernels'
import { PackedRows } from './packed-rows.js'
import { PlainRows } from './plain-rows.js'
import type { RowProducts } from './row-products.js'

/** True when the platform turned out to have no kernels, which a warning has said. */
let isWithoutKernels = false

/**
 * Makes something by the kernels or, where the platform allows no WebAssembly, by plain JavaScript, which is slower
 * and gives the same bytes.
 */
export function byKernels<Made>(make: () => Made, makePlain: () => Made): Made {
  if (isWithoutKernels) return makePlain()
  try {
    return make()
  } catch (error) {
    if (!GnnRecError.isInstance(error) || error.code !== 'BACKEND_UNAVAILABLE') throw error
    isWithoutKernels = true
    warn(
      `Scores are computed by plain JavaScript, to the same results but more slowly. ${error.message} A page with a content security policy must allow 'wasm-unsafe-eval' in script-src.`,
    )
    return makePlain()
  }
}

/**
 * Lays rows out for dot products: in kernel memory or, where the platform allows no WebAssembly, for plain
 * JavaScript.
 *
 * @param rows - row-major; they must not change
 */
export function packRows(rows: Float32Array, dim: number): RowProducts {
  return byKernels<RowProducts>(
    () => new PackedRows(rows, dim),
    () => new PlainRows(rows, dim),
  )
}
