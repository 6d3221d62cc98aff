import { type samplers, sizeLimits } from '@gnnrec/graph'
import * as z from 'zod'

/**
 * A choice of the part of the graph that each step propagates over. Lists have one number for each propagation
 * step of the model, that of the hop next to the batch first.
 */
export type GraphSamplingSettings =
  | {
      /** Method that draws some neighbours of each node: GraphSAGE, `NeighbourSampler` of `@gnnrec/graph`. */
      readonly method: 'neighbours'
      /** Number of neighbours of each node by hop, integers >= 1, or `'all'`. */
      readonly fanOuts: readonly samplers.FanOut[]
    }
  | {
      /** Method that draws some nodes for all rows of a hop together: LADIES, `LayerSampler`. */
      readonly method: 'layers'
      /** Number of draws of users, and as many of items, by hop; integers >= 1. */
      readonly layerSizes: readonly number[]
    }
  | {
      /** Method that takes the nodes that random walks visit most: PinSage, `WalkNeighbourSampler`. */
      readonly method: 'walk-neighbours'
      /** Number of nodes that become neighbours by hop, integers >= 1. */
      readonly neighbours: readonly number[]
      /**
       * Number of walks from each node, an integer in 1..10000.
       *
       * @defaultValue 20
       */
      readonly walks?: number
      /**
       * Largest number of visits of a walk, an integer in 1..100.
       *
       * @defaultValue 2
       */
      readonly visits?: number
      /**
       * Chance that a walk ends after a visit, in [0, 1].
       *
       * @defaultValue 0.5
       */
      readonly stopProbability?: number
    }
  | {
      /** Method that takes the graph within some clusters: Cluster-GCN, `ClusterSampler`. */
      readonly method: 'clusters'
      /** Number of clusters of the graph, an integer >= 1. */
      readonly clusters: number
      /** Number of clusters of a step, an integer in 1..clusters. */
      readonly clustersPerStep: number
    }
  | {
      /** Method that takes the graph within random walks: GraphSAINT-RW, `WalkSubgraphSampler`. */
      readonly method: 'walk-subgraphs'
      /**
       * Number of starts of walks, an integer >= 1. Walks make at most 1,000,000 visits, or ten for each node of a
       * larger graph.
       */
      readonly roots: number
      /**
       * Number of steps of a walk, an integer >= 1.
       *
       * @defaultValue 2
       */
      readonly walkLength?: number
      /**
       * Number of subgraphs that are drawn beforehand to count nodes and edges, an integer in 1..10000000.
       *
       * @defaultValue 50
       */
      readonly countedSubgraphs?: number
    }

const perHop = z.array(z.int().min(1)).min(1).max(sizeLimits.layers).readonly()

/**
 * The zod schema of {@link GraphSamplingSettings}, for those who read the option from a file and want to name
 * all mistakes with their places.
 */
export const graphSamplingSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('neighbours'),
    fanOuts: z
      .array(
        z.union([z.int().min(1), z.literal('all')], { error: "expected an integer >= 1 or 'all'" }),
      )
      .min(1)
      .max(sizeLimits.layers)
      .readonly(),
  }),
  z.strictObject({ method: z.literal('layers'), layerSizes: perHop }),
  z.strictObject({
    method: z.literal('walk-neighbours'),
    neighbours: perHop,
    walks: z.int().min(1).max(10_000).default(20),
    visits: z.int().min(1).max(100).default(2),
    stopProbability: z.number().min(0).max(1).default(0.5),
  }),
  z.strictObject({
    method: z.literal('clusters'),
    clusters: z.int().min(1),
    clustersPerStep: z.int().min(1),
  }),
  z.strictObject({
    method: z.literal('walk-subgraphs'),
    roots: z.int().min(1),
    walkLength: z.int().min(1).default(2),
    countedSubgraphs: z.int().min(1).max(sizeLimits.countedSubgraphs).default(50),
  }),
])

export type ResolvedGraphSampling = z.output<typeof graphSamplingSchema>
