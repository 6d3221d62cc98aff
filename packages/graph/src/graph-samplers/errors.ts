import { GnnRecError } from '../errors.js'

/**
 * The error of a sampler that is asked for a sample before it is prepared.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords, Rng, samplers } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(fromRecords([{ user: 'ann', item: 'jaws' }]))
 * const rng = Rng.fromSeed(1)
 * const sampler = new samplers.ClusterSampler(graph, {
 *   clusters: 1,
 *   clustersPerStep: 1,
 *   steps: 1,
 *   rng,
 * })
 * try {
 *   sampler.sample({ epoch: 0, step: 0 })
 * } catch (error) {
 *   if (error instanceof samplers.SamplerNotPreparedError) console.log(error.message)
 * }
 * ```
 */
export class SamplerNotPreparedError extends GnnRecError<'SAMPLER_NOT_PREPARED'> {
  constructor(sampler: string) {
    super(
      'SAMPLER_NOT_PREPARED',
      `${sampler} has nothing to draw from yet: call await sampler.prepare() before sample.`,
    )
  }
}
