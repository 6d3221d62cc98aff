import { GnnRecError } from '../errors.js'
import { warn } from '../warn.js'

/** True when the platform turned out to have no kernels, which a warning has said. */
let isWithoutKernels = false

/**
 * Makes something by the kernels or, where the platform allows no WebAssembly, by plain JavaScript, which is slower and
 * gives the same results. The first time that this happens a warning says so.
 *
 * @param make - makes it by the kernels
 * @param makePlain - makes it by plain JavaScript
 * @throws the errors of both, but a BackendUnavailableError of `make`
 * @example
 * ```ts
 * import { BackendUnavailableError } from '@gnnrec/graph'
 * import { byKernels } from '@gnnrec/graph/kernels'
 *
 * const refuse = (): number => {
 *   throw new BackendUnavailableError('This platform has no WebAssembly.')
 * }
 * console.log(byKernels(refuse, () => 2)) // 2, after a warning
 * ```
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
