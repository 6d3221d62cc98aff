import { type BipartiteGraph, type Id, parseOptions } from '@gnnrec/graph'
import type { NodeTensors } from '@gnnrec/ops'
import { EmbeddingModel } from '../embedding-model.js'
import { type HistoryTables, pairwise } from '../history/history-tables.js'
import type { SampledOperator } from '../model-contract.js'
import { freeEmbeddings, type GraphCounts, type ModelMemoryLaw } from '../parameters/memory-law.js'
import { type BprMfOptions, bprMfSchema, type ResolvedBprMfOptions } from './bpr-mf-options.js'
import { bprMfPresets } from './bpr-mf-presets.js'

/**
 * Matrix factorization trained with Bayesian personalized ranking (Rendle et al., UAI 2009,
 * https://arxiv.org/abs/1205.2618).
 *
 * Score of user u and item i: p_u · q_i with P [userCount, d] and Q [itemCount, d]; the graph is
 * used for sampling only. Loss: BPR plus L2 on the batch's rows, as {@link EmbeddingModel} has it.
 * Defaults: d 64, initial deviation 0.1, L2 1e-4 (LightGCN-PyTorch's `PureMF` starts at deviation 1;
 * the paper allows an item bias, left out here as in that code).
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { BprMf } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new BprMf(graph, { embeddingDim: 8 })
 * await model.prepare()
 * const recommender = await model.toRecommender()
 * console.log(model.describe().parameterCount, recommender.recommend('bob', { k: 1 }).items)
 * ```
 */
export class BprMf<User extends Id = Id, Item extends Id = Id> extends EmbeddingModel<
  User,
  Item,
  ResolvedBprMfOptions
> {
  static override readonly architecture = 'bpr-mf'
  static override readonly optionsSchema = bprMfSchema
  static override readonly presets = bprMfPresets
  static override readonly capabilities = { ...EmbeddingModel.capabilities, usesWeights: false }

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph<User, Item>, options: BprMfOptions = {}) {
    super(graph, parseOptions(BprMf.architecture, bprMfSchema, options))
  }

  override layerOutputs(): NodeTensors[] {
    return [this.forward()]
  }

  protected override forwardBatch(): NodeTensors {
    return this.layerZero
  }

  /** The row that minimizes the loss of a history, with the items as they are; of every loss, that of pairs. */
  protected override historyTables(): HistoryTables | undefined {
    if (this.constructor !== BprMf) return undefined
    return pairwise(this.options.l2Weight)
  }

  override memoryLaw(counts: GraphCounts, negativesPerPositive: number): ModelMemoryLaw {
    return freeEmbeddings(this.options, counts, negativesPerPositive)
  }

  protected override get sampledOperator(): SampledOperator {
    return 'it propagates nothing'
  }
}
