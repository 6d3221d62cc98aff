import { elementGrain, type KernelRuntime } from '@gnnrec/graph/kernels'
import type { Drop } from './kernel-interface.js'

/** Runs the kernel of dropout on `size` numbers of kernel memory; `out` may be `source`. */
export function runDrop(
  runtime: KernelRuntime,
  { rng, block, rate }: Drop,
  { size, source, out }: { readonly size: number; readonly source: number; readonly out: number },
): void {
  // A draw is a multiple of 2^-53, so comparing with this threshold is comparing with the rate.
  const threshold = Math.ceil(rate * 2 ** 53)
  runtime.run(
    'dropNumbers',
    size,
    elementGrain,
    source,
    ...rng.key,
    block,
    Math.floor(threshold / 2 ** 21),
    threshold % 2 ** 21,
    1 / (1 - rate),
    out,
  )
}
