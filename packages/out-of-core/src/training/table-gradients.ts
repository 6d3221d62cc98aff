import { type Gradients, TensorGradients } from '@gnnrec/train'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { BlockCache } from '../cache/block-cache.js'
import { sides } from '../operator/sides.js'
import type { NodeTables } from '../propagation/node-tables.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'
import { squaredNorm, squaredSum } from './table-optimizer.js'

/** Memory that {@link TableGradients} work in. */
export interface GradientMemory {
  readonly cache: BlockCache
  readonly workspace: PropagationWorkspace
}

/** Gradients of the tables in files, and of the parameters that are tensors. */
export class TableGradients implements Gradients {
  /** Gradients of the tables. */
  readonly tables: NodeTables
  /** Gradients of the other parameters. */
  readonly dense: TensorGradients
  readonly #memory: GradientMemory

  /**
   * @param tables - tables of the workspace, which get them back from {@link dispose}
   * @param dense - gradients of the other parameters by name
   */
  constructor(memory: GradientMemory, tables: NodeTables, dense: Readonly<Record<string, Tensor>>) {
    this.#memory = memory
    this.tables = tables
    this.dense = new TensorGradients(dense)
  }

  scale(factor: number): void {
    this.dense.scale(factor)
    const share = Math.fround(factor)
    this.#changeBlocks((values) => {
      for (let at = 0; at < values.length; at++) values[at] *= share
    })
  }

  /** Adds in float32, as tensors are added. */
  add(other: TableGradients, share: number): void {
    this.dense.add(other.dense, share)
    const factor = Math.fround(share)
    for (const side of sides) {
      for (let block = 0; block < this.tables[side].blockCount; block++) {
        other.tables[side].withValues(block, 'read', (values) => {
          this.tables[side].withValues(block, 'change', (out) => {
            for (let at = 0; at < out.length; at++) out[at] += Math.fround(values[at] * factor)
          })
        })
      }
    }
    this.#memory.workspace.giveBack(other.tables)
  }

  clip(limit: number): void {
    this.#changeBlocks((values) => {
      // A NaN stays, for the check of the norm to find.
      for (let at = 0; at < values.length; at++) {
        if (values[at] > limit) values[at] = limit
        else if (values[at] < -limit) values[at] = -limit
      }
    })
    this.dense.clip(limit)
  }

  /** Computes the norm in float64, in the order of `globalNorm`. */
  async norm(): Promise<number> {
    const { cache } = this.#memory
    const squares = sides.map((side) => squaredNorm(cache, this.tables, side))
    for (const gradient of Object.values(this.dense.tensors)) {
      squares.push(squaredSum(cache.runtime, await gradient.data<'float32'>()))
    }
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
  }

  async combinedSquares(other: TableGradients, sign: 1 | -1): Promise<number> {
    const { cache, workspace } = this.#memory
    const combined = workspace.borrow()
    let squares = 0
    try {
      for (const side of sides) {
        for (let block = 0; block < combined[side].blockCount; block++) {
          this.tables[side].withValues(block, 'read', (a) => {
            other.tables[side].withValues(block, 'read', (b) => {
              combined[side].withValues(block, 'write', (out) => {
                for (let at = 0; at < out.length; at++) out[at] = a[at] + sign * b[at]
              })
            })
          })
        }
        squares += Math.sqrt(squaredNorm(cache, combined, side)) ** 2
      }
    } finally {
      workspace.giveBack(combined)
    }
    return squares + (await this.dense.combinedSquares(other.dense, sign))
  }

  dispose(): void {
    this.#memory.workspace.giveBack(this.tables)
    this.dense.dispose()
  }

  #changeBlocks(change: (values: Float32Array) => void): void {
    for (const side of sides) {
      for (let block = 0; block < this.tables[side].blockCount; block++) {
        this.tables[side].withValues(block, 'change', change)
      }
    }
  }
}
