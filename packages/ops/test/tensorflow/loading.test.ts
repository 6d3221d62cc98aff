import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** Runs a program in which the packages of tfjs-node are another module, or missing. */
function runWithFake(program: string, fake = ''): string {
  const hooks = new URL('./fakes/replace-packages.mjs', import.meta.url).href
  const flags = ['--import', 'tsx', '--import', hooks, '--conditions=@gnnrec/source']
  const head = `
    import util from 'node:util'
    import * as tf from '@tensorflow/tfjs-core'
    import { useBackend } from '@gnnrec/ops'
    const attempt = (...args) =>
      useBackend(...args).then(
        (active) => console.log(JSON.stringify(active)),
        (error) => console.log(error.code, error.message),
      )`
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '--eval', `${head}\n${program}`],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
      env: { ...process.env, GNNREC_TEST_FAKE: fake },
      timeout: 600_000,
    },
  )
  expect(status, stderr).toBe(0)
  return stdout
}

const hasGpu = existsSync('/dev/nvidiactl') || existsSync('/dev/dxg')

describe("loading TensorFlow's runtime", () => {
  it('says what to install where it is missing, and leaves the backend as it was', () => {
    const output = runWithFake(`
      await useBackend('simd', { threads: 1 })
      await attempt('tensorflow')
      await attempt('tensorflow', { gpu: 'require' })
      console.log(tf.getBackend())`)
    const [first, second, backend] = output.trim().split('\n')
    expect(first).toMatch(
      /^BACKEND_UNAVAILABLE .*needs @tensorflow\/tfjs-node-gpu or @tensorflow\/tfjs-node,.*npm i @tensorflow\/tfjs-node-gpu@4\.22\.0.*'simd'/,
    )
    expect(second).toMatch(/^BACKEND_UNAVAILABLE .*needs @tensorflow\/tfjs-node-gpu, which/)
    expect(backend).toBe('simd')
  })

  it('says so where the native part is missing', () => {
    const output = runWithFake(
      `await useBackend('simd', { threads: 1 }); await attempt('tensorflow'); console.log(tf.getBackend())`,
      'without-native-part.mjs',
    )
    expect(output).toMatch(
      /^BACKEND_UNAVAILABLE @tensorflow\/tfjs-node-gpu is installed but cannot be loaded: .*tfjs_binding.*npm rebuild.*\nsimd/,
    )
  })

  it('finds a second copy of tfjs-core', () => {
    const output = runWithFake(`await attempt('tensorflow')`, 'with-other-core.mjs')
    expect(output).toMatch(/^BACKEND_UNAVAILABLE .*copy of @tensorflow\/tfjs-core.*3\.9\.0.*npm ls/)
  })

  it('does without a GPU unless one is required, and starts once', () => {
    const output = runWithFake(
      `
      await useBackend('simd', { threads: 1 })
      await attempt('tensorflow', { gpu: 'require' })
      console.log(tf.getBackend())
      await attempt('tensorflow')
      await attempt('tensorflow', { threads: 2 })
      await attempt('tensorflow', { gpu: 'forbid' })`,
      'on-the-cpu.mjs',
    )
    const [required, backend, allowed, threads, forbidden] = output.trim().split('\n')
    expect(required).toMatch(/^BACKEND_UNAVAILABLE .*found no GPU.*nvidia-smi.*gpu: 'allow'/)
    expect(backend).toBe('simd')
    expect(JSON.parse(allowed)).toMatchObject({ name: 'tensorflow', device: 'cpu' })
    expect(threads).toMatch(/^INVALID_OPTIONS .*threads: 2.*in this process/)
    expect(JSON.parse(forbidden)).toMatchObject({ name: 'tensorflow', device: 'cpu' })
  })

  it('puts back what Node 23 has removed, and touches nothing else', () => {
    const output = runWithFake(
      `
      const own = () => 'own'
      util.isArray = own
      delete util.isNullOrUndefined
      await attempt('tensorflow')
      console.log(util.isNullOrUndefined(undefined), util.isNullOrUndefined(0), util.isArray === own)`,
      'on-the-cpu.mjs',
    )
    expect(output).toMatch(/true false true\n$/)
  })
})

describe("the backend 'auto'", () => {
  it.skipIf(hasGpu)('is simd without a GPU, and says why', () => {
    const output = runWithFake(`await attempt('auto', { threads: 2 })`)
    expect(JSON.parse(output)).toEqual({
      name: 'simd',
      device: 'cpu',
      threads: 2,
      reason: 'The machine has no NVIDIA GPU.',
    })
  })

  it('is simd where GPUs are forbidden, and an error where the one required cannot be had', () => {
    const output = runWithFake(`
      await attempt('auto', { gpu: 'forbid' })
      await attempt('auto', { gpu: 'require' })
      await attempt('simd', { gpu: 'require' })
      console.log(tf.getBackend())`)
    const [forbidden, required, wrong, backend] = output.trim().split('\n')
    expect(JSON.parse(forbidden)).toMatchObject({ name: 'simd', reason: 'GPUs were forbidden.' })
    expect(required).toMatch(/^BACKEND_UNAVAILABLE .*tfjs-node-gpu/)
    expect(wrong).toMatch(/^INVALID_OPTIONS .*gpu: 'require' for the backend 'simd'/)
    expect(backend).toBe('simd')
  })
})
