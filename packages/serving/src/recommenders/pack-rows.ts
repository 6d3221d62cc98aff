import { GnnRecError } from '@gnnrec/graph'
import { warn } from '@gnnrec/graph/kernels'
import { PackedRows } from './packed-rows.js'
import { PlainRows } from './plain-rows.js'
import type { RowProducts } from './row-products.js'

/** True when the platform turned out to have no kernels, which a warning has said. */
let isWithoutKernels = false

/**
 * Lays rows out for dot products: in kernel memory or, where the platform allows no WebAssembly, for plain
 * JavaScript, which is slower and gives the same bytes.
 *
 * @param rows - row-major; they must not change
 */
export function packRows(rows: Float32Array, dim: number): RowProducts {
  if (isWithoutKernels) return new PlainRows(rows, dim)
  try {
    return new PackedRows(rows, dim)
  } catch (error) {
    if (!GnnRecError.isInstance(error) || error.code !== 'BACKEND_UNAVAILABLE') throw error
    isWithoutKernels = true
    warn(
      `Scores are computed by plain JavaScript, to the same results but more slowly. ${error.message} A page with a content security policy must allow 'wasm-unsafe-eval' in script-src.`,
    )
    return new PlainRows(rows, dim)
  }
}
