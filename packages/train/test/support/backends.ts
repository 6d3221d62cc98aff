import { useBackend } from '@gnnrec/graph/ops'
import { beforeAll, describe } from 'vitest'

/** Runs the same tests on the plain and on the SIMD backend. */
export function describeEachBackend(name: string, tests: () => void): void {
  describe.each(['cpu', 'simd'] as const)(`${name} on %s`, (backend) => {
    beforeAll(() => useBackend(backend, backend === 'simd' ? { threads: 2 } : {}))
    tests()
  })
}
