import { expect, it } from 'vitest'
import * as errors from '../src/errors.js'
import * as backend from '../src/index.js'
import * as kernels from '../src/kernels.js'

it('exports what the documentation lists', () => {
  const errorNames = [
    'BackendUnavailableError',
    'GnnRecError',
    'InvalidPointerError',
    'OutOfMemoryError',
  ]
  expect(Object.keys(errors).sort()).toEqual(errorNames)
  expect(Object.keys(backend).sort()).toEqual([...errorNames, 'useCpuBackend', 'useSimdBackend'])
  expect(Object.keys(kernels).sort()).toEqual([
    'ELEMENT_GRAIN',
    'KernelRuntime',
    'defaultRuntime',
    'rowGrain',
  ])
})
