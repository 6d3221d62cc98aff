import { type BackendName, useBackend } from '@gnnrec/ops'
import { beforeAll, describe } from 'vitest'

/** TensorFlow's runtime is not everywhere: it is tested alone, and on request. */
const testsTensorflow = process.env['GNNREC_TEST_BACKEND'] === 'tensorflow'

/** The same tests on every backend that is tested; `simd` with two threads. */
export function describeEachBackend(name: string, tests: (backend: BackendName) => void): void {
  const backends = testsTensorflow ? (['tensorflow'] as const) : (['simd', 'cpu'] as const)
  for (const backend of backends) {
    describe(`${name} on ${backend}`, () => {
      beforeAll(async () => {
        await useBackend(backend, backend === 'simd' ? { threads: 2 } : {})
      })
      tests(backend)
    })
  }
}
