import { InvalidOptionsError } from '@gnnrec/graph'
import { elementGrain, type KernelRuntime, showValue } from '@gnnrec/graph/kernels'
import type { OptimizerSettings } from '@gnnrec/models'
import type { BlockCache } from '../cache/block-cache.js'
import { reductionBlock } from '../operator/block-layout.js'
import { sides } from '../operator/sides.js'
import type { NodeTables } from '../propagation/node-tables.js'

/** Hyperparameters of Adam. */
export interface AdamNumbers {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/** Moments of Adam for the tables. */
export interface AdamTables {
  readonly first: NodeTables
  readonly second: NodeTables
}

/**
 * Reads the hyperparameters of Adam. Its step needs one block at a time.
 *
 * @throws InvalidOptionsError when the optimizer is another one
 */
export function adamNumbers(settings: OptimizerSettings): AdamNumbers {
  const isAdam = settings.name === 'adam' || settings.name === 'adamw'
  if (!isAdam || settings.amsgrad) {
    throw new InvalidOptionsError(
      `optimizer: got ${showValue(settings)}; tables in files are trained with 'adam' or 'adamw', without amsgrad.`,
    )
  }
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = settings
  return { beta1, beta2, epsilon }
}

/** Takes one step on all tables, block by block, with the kernel of `applyAdam`. */
export function adamStep(
  cache: BlockCache,
  tables: NodeTables,
  gradients: NodeTables,
  { first, second }: AdamTables,
  { beta1, beta2, epsilon }: AdamNumbers,
  step: { readonly number: number; readonly learningRate: number; readonly gradientScale: number },
): void {
  const { learningRate, gradientScale, number } = step
  const stepSize = learningRate / (1 - beta1 ** number)
  const inverseRoot = 1 / Math.sqrt(1 - beta2 ** number)
  const numbers = [
    gradientScale,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    stepSize,
    inverseRoot,
    epsilon,
  ]
  for (const side of sides) {
    const table = tables[side]
    for (let block = 0; block < table.blockCount; block++) {
      cache.with(
        [
          [table, block, 'change'],
          [gradients[side], block, 'read'],
          [first[side], block, 'change'],
          [second[side], block, 'change'],
        ],
        (x, gradient, m, v) => {
          const length = table.bytesOf(block) / 4
          const [scale, b1, c1, b2, c2, size, root, least] = numbers
          const given = [x, gradient, m, v, scale, b1, c1, b2, c2, size, root, least] as const
          cache.runtime.run('adam', length, elementGrain, ...given)
        },
      )
    }
  }
}

/**
 * Computes Σ x² of a side in float64 in the order of `globalNorm`: by blocks of {@link reductionBlock} numbers. Each
 * block of a table but the last consists of whole ones.
 */
export function squaredNorm(
  cache: BlockCache,
  tables: NodeTables,
  side: 'users' | 'items',
): number {
  const table = tables[side]
  let total = 0
  for (let block = 0; block < table.blockCount; block++) {
    cache.with([[table, block, 'read']], (pointer) => {
      total = addPartials(cache.runtime, pointer, table.bytesOf(block) / 4, total)
    })
  }
  return total
}

/** Computes {@link squaredNorm} of numbers in memory. */
export function squaredSum(runtime: KernelRuntime, numbers: Float32Array): number {
  const pointer = runtime.allocate(numbers.byteLength)
  try {
    runtime.float32(pointer, numbers.length).set(numbers)
    return addPartials(runtime, pointer, numbers.length, 0)
  } finally {
    runtime.free(pointer)
  }
}

function addPartials(
  runtime: KernelRuntime,
  pointer: number,
  length: number,
  before: number,
): number {
  const blocks = Math.ceil(length / reductionBlock)
  const partials = runtime.allocate(8 * blocks)
  try {
    const grain = elementGrain / reductionBlock
    runtime.run('blockSquaredSum', blocks, grain, pointer, length, partials)
    const { buffer } = runtime.int32(partials, 0)
    let total = before
    for (const sum of new Float64Array(buffer, partials, blocks)) total += sum
    return total
  } finally {
    runtime.free(partials)
  }
}
