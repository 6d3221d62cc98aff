import { byKernels } from '@gnnrec/graph/kernels'
import { PackedRows } from './packed-rows.js'
import { PlainRows } from './plain-rows.js'
import type { RowProducts } from './row-products.js'

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
