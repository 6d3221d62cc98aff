import { type BackendName, useBackend } from '@gnnrec/graph/ops'
import { beforeAll, describe } from 'vitest'

/** The same tests on every backend; `simd` with two threads. */
export function describeEachBackend(name: string, tests: (backend: BackendName) => void): void {
  for (const backend of ['simd', 'cpu'] as const) {
    describe(`${name} on ${backend}`, () => {
      beforeAll(() => useBackend(backend, backend === 'simd' ? { threads: 2 } : {}))
      tests(backend)
    })
  }
}
