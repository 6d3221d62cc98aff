import { GnnRecError } from '@gnnrec/graph'

/** A model was used before the arrays that it computes once were there; `prepare()` makes them. */
export class NotPreparedError extends GnnRecError<'NOT_PREPARED'> {
  constructor(message: string) {
    super('NOT_PREPARED', message)
  }
}

/** A model that propagates over the whole graph only was to train on samples of it. */
export class SampledGraphUnsupportedError extends GnnRecError<'SAMPLED_GRAPH_UNSUPPORTED'> {
  constructor(architecture: string, reason: string) {
    super(
      'SAMPLED_GRAPH_UNSUPPORTED',
      `${architecture} cannot train on samples of the graph: ${reason}. Train it on the whole graph, or take a model that can: models.names({ sampledGraphs: true }) lists them.`,
    )
  }
}
