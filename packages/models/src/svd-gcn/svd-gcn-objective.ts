import type { Batch, BipartiteGraph } from '@gnnrec/graph'
import { batchL2 } from '../losses/batch-l2.js'
import type { WeightedTerms } from '../losses/ranking-loss.js'
import type { BatchForward } from '../objective/batch-rows.js'
import type { BatchTensors } from '../objective/batch-tensors.js'
import { RankingObjective } from '../objective/ranking-objective.js'
import { type PairRows, pairLoss } from './pair-loss.js'
import type { ResolvedSvdGcnOptions } from './svd-gcn-options.js'

/** The rows of a batch, and those of its pairs where the variant has them. */
export interface SvdGcnForward extends BatchForward {
  readonly userPairs: PairRows | undefined
  readonly itemPairs: PairRows | undefined
}

/** The objective of `SvdGcn`: a ranking loss, L2 on all rows, pairs included, and the losses of the pairs. */
export class SvdGcnObjective extends RankingObjective {
  readonly #settings: ResolvedSvdGcnOptions

  constructor(graph: BipartiteGraph, settings: ResolvedSvdGcnOptions) {
    super(graph, settings.variant === 'S' ? {} : settings)
    this.#settings = settings
  }

  override terms(rows: SvdGcnForward, batch: Batch, indices: BatchTensors): WeightedTerms {
    const ranking = this.rankingTerms(rows.final, batch, indices)
    const settings = this.#settings
    // S trains nothing.
    if (settings.variant === 'S') return ranking
    const { userPairs, itemPairs } = rows
    const samples = batch.users.length
    const term = (pairs: PairRows, weight: number) => ({ value: pairLoss(pairs, samples), weight })
    return {
      ...ranking,
      ...this.l2Term(rows, batch),
      ...(userPairs && { userPairs: term(userPairs, settings.userPairWeight) }),
      ...(itemPairs && { itemPairs: term(itemPairs, settings.itemPairWeight) }),
    }
  }

  protected override l2Term(forward: SvdGcnForward, batch: Batch): WeightedTerms {
    const settings = this.#settings
    if (settings.variant === 'S') return {}
    const { final, userPairs, itemPairs } = forward
    const rows = [final.users, final.positives, final.negatives]
    for (const pairs of [userPairs, itemPairs]) {
      if (pairs) rows.push(pairs.positives, pairs.negatives)
    }
    const value = batchL2(rows, batch.users.length, settings.l2Convention)
    return { l2: { value, weight: settings.l2Weight } }
  }
}
