import * as z from 'zod/mini'
import { rngSchema } from '../batches/negative-sampler.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import type { Rng } from '../random/rng.js'
import { sizeLimits } from '../size-limits.js'

/** Options that all samplers have: the propagation to sample, and the random stream. */
export interface SampledPropagationOptions {
  /**
   * The α of the operator (D + αI)^{-1/2} A (D + αI)^{-1/2} that is sampled, finite, >= 0.
   *
   * @defaultValue 0
   */
  regularization?: number
  /** The random stream to fork from. Only its key is used, so it is not moved. */
  rng: Rng
}

export const propagationShape = {
  regularization: z._default(z.number().check(z.gte(0)), 0),
  rng: rngSchema,
}

/** The schema of the number of propagation steps. */
export const stepsSchema = z.int().check(z.gte(1), z.lte(sizeLimits.layers))

/** Makes the schema of a list with an entry for each propagation step. */
export const perHop = <Entry extends z.ZodMiniType>(entry: Entry) =>
  z.readonly(z.array(entry).check(z.minLength(1), z.maxLength(sizeLimits.layers)))

/** The two blocks of the sampled operator. */
export interface OperatorBlocks {
  readonly toUsers: SparseMatrix
  readonly toItems: SparseMatrix
}

export function symmetricBlocks(graph: BipartiteGraph, regularization: number): OperatorBlocks {
  const toUsers = graph.biadjacency({ normalization: 'symmetric', regularization })
  return { toUsers, toItems: toUsers.transpose() }
}
