import { describe, expect, it } from 'vitest'
import { bundleParts, partOf } from '../src/bundles/bundle-parts.js'

describe('bundleParts', () => {
  it('sorts files into the parts of a bundle', () => {
    expect(partOf('packages/models/src/index.ts')).toBe('own')
    expect(partOf('packages/tfjs-backend-simd/src/generated/gradients.js')).toBe('gradients')
    expect(partOf('packages/tfjs-backend-simd/src/use-backend.ts')).toBe('backend')
    expect(partOf('packages/graph/src/kernels/thread-pool.ts')).toBe('backend')
    expect(partOf('packages/graph/src/generated/kernel-module.ts')).toBe('kernels')
    expect(partOf('node_modules/zod/v4/core/util.js')).toBe('zod')
    expect(partOf('node_modules/@tensorflow/tfjs-core/dist/index.js')).toBe('TensorFlow.js')
    expect(partOf('node_modules/long/index.js')).toBe('others')
  })

  it('adds up to the whole, and is smaller when less is imported', async () => {
    const whole = await bundleParts('@gnnrec/serving')
    const { atImport, later, parts } = whole
    expect(parts['TensorFlow.js'] + parts.gradients).toBe(0)
    expect(parts.kernels).toBeGreaterThan(10_000)
    const sum = Object.values(parts).reduce((total, bytes) => total + bytes, 0)
    const imports = atImport.bytes + later.bytes - sum
    expect(imports).toBeGreaterThanOrEqual(0)
    // Each file has a few more bytes, by which it imports from others.
    expect(imports).toBeLessThan(400 * (atImport.files + later.files))
    expect(atImport.gzipped).toBeLessThan(atImport.bytes)
    // The library that writes Parquet is loaded when it is first needed.
    expect(later.bytes).toBeGreaterThan(10_000)
    const some = await bundleParts('@gnnrec/serving', ['Recommender'])
    expect(some.parts.own).toBeLessThan(parts.own)
  })
})
