import { describe, expect, it } from 'vitest'
import type { BackendDiagnosis, Environment } from '../src/diagnosis.js'
import { findProblems } from '../src/find-problems.js'
import { formatDiagnosis } from '../src/format-diagnosis.js'

const environment: Environment = {
  node: '20.20.2',
  platform: 'linux x64',
  cpu: 'A processor',
  threads: 2,
  memoryGb: 24,
  hasSharedMemory: true,
  packages: { '@tensorflow/tfjs-core': '4.22.0' },
  gpus: [],
}

const simd: BackendDiagnosis = {
  backend: 'simd',
  active: { name: 'simd', device: 'cpu', threads: 2, reason: 'It was asked for.' },
  kernels: [{ name: 'sparse product', error: 1e-7, passed: true }],
  training: {
    losses: [0.6, 0.5, 0.4],
    recallAt20: 0.2,
    isReproducible: true,
    leakedTensors: 0,
    seconds: 1,
  },
  speed: { sparseProductMs: 10, trainingStepMs: 50 },
  peakRssMb: 200,
}

const cuda: BackendDiagnosis = {
  ...simd,
  backend: 'tensorflow',
  active: { name: 'tensorflow', device: 'cuda', threads: undefined, reason: 'A GPU is there.' },
}

const absent: BackendDiagnosis = { backend: 'tensorflow', failure: 'It is not installed.' }

describe('findProblems', () => {
  it('finds none where all is well, though TensorFlow is not installed', () => {
    expect(findProblems(environment, [simd, absent])).toEqual([])
    expect(findProblems(environment, [simd, cuda])).toEqual([])
  })

  it('does not expect the same bytes twice of a GPU, but of a CPU', () => {
    const training = { ...simd.training, isReproducible: false } as typeof simd.training & object
    expect(findProblems(environment, [simd, { ...cuda, training }])).toEqual([])
    expect(findProblems(environment, [{ ...simd, training }])).toEqual([
      'simd: two trainings with one seed ended in different bytes.',
    ])
  })

  it.each<[string, Environment, BackendDiagnosis[], RegExp]>([
    [
      'a kernel that is off',
      environment,
      [{ ...simd, kernels: [{ name: 'dropout', error: 0.1, passed: false }] }],
      /simd: dropout differs from the reference by 0.1/,
    ],
    [
      'a kernel that fails',
      environment,
      [
        {
          ...simd,
          kernels: [{ name: 'dropout', error: Number.NaN, passed: false, failure: 'no' }],
        },
      ],
      /simd: dropout failed: no/,
    ],
    ['a crash', environment, [simd, { ...absent, crashed: true }], /tensorflow: It is not/],
    ['a check that ended early', environment, [{ ...simd, failure: 'no' }], /simd: no/],
    [
      'tensors left behind',
      environment,
      [{ ...simd, training: { ...simd.training, leakedTensors: 3 } as never }],
      /left 3 tensors/,
    ],
    [
      'other losses',
      environment,
      [simd, { ...cuda, training: { ...simd.training, losses: [0.6, 0.5, 0.45] } as never }],
      /losses of simd and tensorflow differ: 0.4, 0.45/,
    ],
    [
      'another recall',
      environment,
      [simd, { ...cuda, training: { ...simd.training, recallAt20: 0.1 } as never }],
      /recalls of simd and tensorflow differ/,
    ],
    ['no shared memory', { ...environment, hasSharedMemory: false }, [simd], /SharedArrayBuffer/],
    [
      'two copies of tfjs-core',
      { ...environment, packages: { '@tensorflow/tfjs-core': '4.22.0 and 3.9.0' } },
      [simd],
      /two copies.*npm ls/,
    ],
    [
      'a GPU that is not used',
      { ...environment, gpus: ['NVIDIA H200'] },
      [simd, { ...cuda, active: { ...simd.active, name: 'tensorflow' } as never }],
      /GPU, but TensorFlow computes on the CPU/,
    ],
  ])('finds %s', (_name, machine, backends, problem) => {
    expect(findProblems(machine, backends).join('\n')).toMatch(problem)
  })
})

describe('formatDiagnosis', () => {
  it('says what is there, what it does and what is wrong', () => {
    const backends = [simd, absent]
    expect(formatDiagnosis({ environment, backends, problems: ['Something.'] })).toMatchSnapshot()
  })
})
