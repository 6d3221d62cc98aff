import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidOptionsError } from '@gnnrec/graph'
import { describe, expect, it, vi } from 'vitest'
import { type Diagnosis, diagnose } from '../src/index.js'

const fork = vi.hoisted(() => vi.fn())

vi.mock('node:child_process', async (load) => {
  const real = await load<typeof import('node:child_process')>()
  fork.mockImplementation(real.fork)
  return { ...real, fork }
})

describe('diagnose', () => {
  it('finds every kernel of simd right, and a training that learns to the same bytes', async () => {
    const started: string[] = []
    const { environment, backends, problems } = await diagnose({
      backends: ['simd'],
      parts: ['kernels', 'training'],
      threads: 2,
      onStart: (backend) => started.push(backend),
    })
    expect(problems).toEqual([])
    expect(started).toEqual(['simd'])
    expect(environment).toMatchObject({ node: process.versions.node, hasSharedMemory: true })
    expect(environment.packages['@tensorflow/tfjs-core']).toBe('4.22.0')
    const [{ active, kernels, training, speed, peakRssMb }] = backends
    expect(active).toMatchObject({ name: 'simd', device: 'cpu', threads: 2 })
    expect(kernels?.length).toBeGreaterThan(10)
    expect(kernels?.every(({ passed }) => passed)).toBe(true)
    // Sums in another order are not to the bit what the reference gives.
    expect(Math.max(...(kernels ?? []).map(({ error }) => error))).toBeGreaterThan(0)
    expect(training).toMatchObject({ isReproducible: true, leakedTensors: 0 })
    expect(training?.losses[2]).toBeLessThan(training?.losses[0] ?? 0)
    expect(training?.recallAt20).toBeGreaterThan(0.15)
    expect(speed).toBeUndefined()
    expect(peakRssMb).toBeGreaterThan(50)
  })

  it.skipIf(existsSync('/dev/nvidiactl'))('says why a backend is not available', async () => {
    const { backends, problems } = await diagnose({
      backends: ['simd'],
      gpu: 'require',
      parts: [],
    })
    // Only tensorflow is asked for a GPU.
    expect(backends[0].failure).toBeUndefined()
    expect(problems).toEqual([])
    const wrong = await diagnose({ backends: ['tensorflow'], gpu: 'require', parts: [] })
    expect(wrong.backends[0]).toMatchObject({ backend: 'tensorflow' })
    expect(wrong.backends[0].active).toBeUndefined()
    expect(wrong.backends[0].failure).toMatch(/tfjs-node-gpu/)
  })

  it('gives up a check that takes too long', async () => {
    const { backends, problems } = await diagnose({ backends: ['cpu'], timeoutSeconds: 0.2 })
    expect(backends).toEqual([
      { backend: 'cpu', crashed: true, failure: 'The check took longer than 0.2 s.' },
    ])
    expect(problems).toEqual(['cpu: The check took longer than 0.2 s.'])
  })

  it('obeys a signal', async () => {
    const controller = new AbortController()
    const checked = diagnose({
      backends: ['cpu', 'simd'],
      signal: controller.signal,
      onStart: () => setTimeout(() => controller.abort(), 100),
    })
    await expect(checked).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('starts no process after an abort in onStart', async () => {
    fork.mockClear()
    const controller = new AbortController()
    const { signal } = controller
    const checked = diagnose({ backends: ['cpu'], signal, onStart: () => controller.abort() })
    await expect(checked).rejects.toMatchObject({ name: 'AbortError' })
    expect(fork).not.toHaveBeenCalled()
  })

  it.each([{ backends: ['wasm'] }, { threads: 0 }, { part: [] }, { timeoutSeconds: -1 }])(
    'refuses %j',
    async (options) => {
      await expect(diagnose(options as object)).rejects.toThrow(InvalidOptionsError)
    },
  )
})

it('has a command that a fresh checkout can link, since it exists before any build', () => {
  const root = new URL('../', import.meta.url)
  const { bin, files } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  const program = new URL(bin['gnnrec-doctor'], root)
  expect(statSync(program).mode & 0o111).toBe(0o111)
  expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  expect(files).toContain('bin')
})

describe('gnnrec-doctor', () => {
  const run = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [
        '--import',
        'tsx',
        '--conditions=@gnnrec/source',
        fileURLToPath(new URL('../src/main.ts', import.meta.url)),
        ...args,
      ],
      { encoding: 'utf8', timeout: 600_000 },
    )

  it('prints a report and writes it as JSON', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gnnrec-doctor-'))
    try {
      const file = join(folder, 'doctor.json')
      const { stdout, status } = run('--backends', 'simd', '--parts', 'kernels', '--json', file)
      expect(status).toBe(0)
      expect(stdout).toMatch(/simd on cpu.*\n {2}kernels {3}(\d+) of \1 as the reference/)
      expect(stdout).toMatch(/All is well\.\n$/)
      const diagnosis = JSON.parse(readFileSync(file, 'utf8')) as Diagnosis
      expect(diagnosis.backends[0].active?.name).toBe('simd')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('explains itself, and what is wrong with its options', () => {
    expect(run('--help').stdout).toMatch(/gnnrec-doctor \[options\]/)
    const wrong = run('--backends', 'wasm')
    expect(wrong).toMatchObject({ status: 1, stdout: '' })
    expect(wrong.stderr).toMatch(/diagnose: .*backends/s)
    expect(run('--unknown')).toMatchObject({ status: 1 })
  })
})
