import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe } from 'vitest'

/** TensorFlow's runtime is not everywhere: it is tested alone, and on request. */
const testsTensorflow = process.env['GNNREC_TEST_BACKEND'] === 'tensorflow'

/** Runs the same tests on every backend that is tested. */
export function describeEachBackend(name: string, tests: () => void): void {
  const backends = testsTensorflow ? (['tensorflow'] as const) : (['cpu', 'simd'] as const)
  describe.each(backends)(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      await useBackend(backend, backend === 'simd' ? { threads: 2 } : {})
    })
    tests()
  })
}
