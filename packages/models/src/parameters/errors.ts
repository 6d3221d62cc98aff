import { DisposedError, GnnRecError } from '@gnnrec/graph'

/** Makes the error of whoever uses a model, or another owner of tensors, after its `dispose()`. */
export function disposedError(owner: string): DisposedError {
  return new DisposedError(
    `Got a ${owner} that has been disposed of and cannot be used any more; make a new one, or load a saved one.`,
  )
}

/**
 * A model was used before the arrays that it computes once were there; `prepare()` makes them.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Dgr, NotPreparedError } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new Dgr(graph, { neighbours: 1 })
 * const batch = {
 *   users: Int32Array.of(0),
 *   positives: Int32Array.of(0),
 *   negatives: Int32Array.of(2),
 * }
 * try {
 *   model.loss(batch)
 * } catch (error) {
 *   if (error instanceof NotPreparedError) await model.prepare()
 * }
 * console.log(model.loss(batch).dataSync()[0])
 * ```
 */
export class NotPreparedError extends GnnRecError<'NOT_PREPARED'> {
  constructor(message: string) {
    super('NOT_PREPARED', message)
  }
}

/**
 * A model that propagates over the whole graph only was to train on samples of it.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { BprMf, SampledGraphUnsupportedError } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * try {
 *   new BprMf(graph).sampledPropagation()
 * } catch (error) {
 *   if (error instanceof SampledGraphUnsupportedError) console.log(error.message)
 * }
 * ```
 */
export class SampledGraphUnsupportedError extends GnnRecError<'SAMPLED_GRAPH_UNSUPPORTED'> {
  constructor(architecture: string, reason: string) {
    super(
      'SAMPLED_GRAPH_UNSUPPORTED',
      `${architecture} cannot train on samples of the graph: ${reason}. Train it on the whole graph, or take a model that can: models.names({ sampledGraphs: true }) lists them.`,
    )
  }
}
