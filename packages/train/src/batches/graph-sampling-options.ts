import type { samplers } from '@gnnrec/graph'
import * as z from 'zod'

/**
 * The part of the graph that each step propagates over. Lists are by hop, the hop next to the batch
 * first, with one number for each propagation step of the model.
 */
export type GraphSamplingSettings =
  | {
      /** Some neighbours of each node: GraphSAGE, `NeighbourSampler` of `@gnnrec/graph`. */
      readonly method: 'neighbours'
      /** Neighbours of each node, integers >= 1, or `'all'`. */
      readonly fanOuts: readonly samplers.FanOut[]
    }
  | {
      /** Some nodes for all rows of a hop together: LADIES, `LayerSampler`. */
      readonly method: 'layers'
      /** Draws of users, and as many of items, integers >= 1. */
      readonly layerSizes: readonly number[]
    }
  | {
      /** The nodes that random walks visit most: PinSage, `WalkNeighbourSampler`. */
      readonly method: 'walk-neighbours'
      /** Nodes that become neighbours, integers >= 1. */
      readonly neighbours: readonly number[]
      /** Walks from each node, an integer in 1..10000. @defaultValue 20 */
      readonly walks?: number
      /** Visits of a walk at most, an integer in 1..100. @defaultValue 2 */
      readonly visits?: number
      /** Chance that a walk ends after a visit, in [0, 1]. @defaultValue 0.5 */
      readonly stopProbability?: number
    }
  | {
      /** The graph within some clusters: Cluster-GCN, `ClusterSampler`. */
      readonly method: 'clusters'
      /** Parts of the graph, an integer >= 1. */
      readonly clusters: number
      /** Clusters of a step, an integer in 1..clusters. */
      readonly clustersPerStep: number
    }
  | {
      /** The graph within random walks: GraphSAINT-RW, `WalkSubgraphSampler`. */
      readonly method: 'walk-subgraphs'
      /** Starts of walks, an integer >= 1. */
      readonly roots: number
      /** Steps of a walk, an integer >= 1. @defaultValue 2 */
      readonly walkLength?: number
      /** Subgraphs drawn beforehand to count nodes and edges, an integer >= 1. @defaultValue 50 */
      readonly countedSubgraphs?: number
    }

const perHop = z.array(z.int().min(1)).min(1).readonly()

export const graphSamplingSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('neighbours'),
    fanOuts: z
      .array(
        z.union([z.int().min(1), z.literal('all')], { error: "expected an integer >= 1 or 'all'" }),
      )
      .min(1)
      .readonly(),
  }),
  z.strictObject({ method: z.literal('layers'), layerSizes: perHop }),
  z.strictObject({
    ...{ method: z.literal('walk-neighbours'), neighbours: perHop },
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
    countedSubgraphs: z.int().min(1).default(50),
  }),
])

export type ResolvedGraphSampling = z.output<typeof graphSamplingSchema>
