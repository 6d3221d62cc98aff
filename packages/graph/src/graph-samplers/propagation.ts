import * as z from 'zod/mini'
import { rngSchema } from '../batches/negative-sampler.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import type { Rng } from '../random/rng.js'

/** What every sampler has to know of the propagation that it samples. */
export interface SampledPropagationOptions {
  /**
   * α of the operator (D + αI)^{-1/2} A (D + αI)^{-1/2} that is sampled, finite, >= 0.
   *
   * @defaultValue 0
   */
  regularization?: number
  /** The stream to fork from; only its key is used, so it is not moved. */
  rng: Rng
}

export const propagationShape = {
  regularization: z._default(z.number().check(z.gte(0)), 0),
  rng: rngSchema,
}

/** The two blocks of the sampled operator. */
export interface OperatorBlocks {
  readonly toUsers: SparseMatrix
  readonly toItems: SparseMatrix
}

export function symmetricBlocks(graph: BipartiteGraph, regularization: number): OperatorBlocks {
  const toUsers = graph.biadjacency({ normalization: 'symmetric', regularization })
  return { toUsers, toItems: toUsers.transpose() }
}
