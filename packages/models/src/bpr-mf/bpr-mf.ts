import { type BipartiteGraph, parseOptions } from '@gnnrec/graph'
import type { NodeTensors } from '@gnnrec/ops'
import * as z from 'zod/mini'
import { EmbeddingModel } from '../embedding-model.js'
import type { SampledOperator } from '../model-contract.js'
import { type EmbeddingOptions, embeddingOptionsShape } from '../model-options.js'

/** Options of {@link BprMf}. */
export interface BprMfOptions extends EmbeddingOptions {}

const schema = z.strictObject(embeddingOptionsShape)

/**
 * Matrix factorisation trained with Bayesian personalised ranking (Rendle et al., UAI 2009,
 * https://arxiv.org/abs/1205.2618).
 *
 * Score of user u and item i: p_u · q_i with P [userCount, d] and Q [itemCount, d]; the graph is
 * used for sampling only. Loss: BPR plus L2 on the batch's rows, as {@link EmbeddingModel} has it.
 * Defaults: d 64, initial deviation 0.1, L2 1e-4 (LightGCN-PyTorch's `PureMF` starts at deviation 1;
 * the paper allows an item bias, left out here as in that code).
 */
export class BprMf extends EmbeddingModel {
  static override readonly architecture = 'BprMf'

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph, options: BprMfOptions = {}) {
    super(graph, parseOptions('BprMf', schema, options))
  }

  override layerOutputs(): NodeTensors[] {
    return [this.forward()]
  }

  protected override forwardBatch(): NodeTensors {
    return this.layerZero
  }

  protected override get sampledOperator(): SampledOperator {
    return 'it propagates nothing'
  }

  protected override get ranksByLayerZero(): boolean {
    return true
  }
}
