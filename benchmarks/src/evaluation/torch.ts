import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InteractionLists } from '@gnnrec/graph'

/** Embeddings to rank with, and the items that each user's list leaves out. */
export interface RankingTask {
  readonly users: Float32Array
  readonly items: Float32Array
  readonly dimensions: number
  readonly masked: InteractionLists
  readonly k: number
  readonly threads: number
}

/** Measures PyTorch's time for the same lists in a separate process. */
export class TorchPeer {
  readonly #python: string
  readonly #folder: string
  readonly #arguments: readonly string[]

  /** Looks for a Python with PyTorch; returns undefined when there is none. */
  static find(task: RankingTask): TorchPeer | undefined {
    const own = process.env['GNNREC_TORCH_PYTHON']
    const pythons = own ? [own] : ['python3', '/usr/bin/python3']
    const python = pythons.find(
      (name) => spawnSync(name, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
    )
    return python === undefined ? undefined : new TorchPeer(python, task)
  }

  private constructor(python: string, { dimensions, k, threads, ...task }: RankingTask) {
    this.#python = python
    this.#folder = mkdtempSync(join(tmpdir(), 'gnnrec-evaluate-'))
    writeFileSync(join(this.#folder, 'users.f32'), task.users)
    writeFileSync(join(this.#folder, 'items.f32'), task.items)
    writeFileSync(join(this.#folder, 'pointers.i32'), task.masked.pointers)
    writeFileSync(join(this.#folder, 'masked.i32'), task.masked.items)
    const script = fileURLToPath(new URL('matmul_topk.py', import.meta.url))
    this.#arguments = [script, this.#folder, ...[dimensions, k, threads].map(String)]
  }

  seconds(): number {
    const threads = this.#arguments.at(-1)
    const env = { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads }
    return Number(execFileSync(this.#python, this.#arguments, { encoding: 'utf8', env }))
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
