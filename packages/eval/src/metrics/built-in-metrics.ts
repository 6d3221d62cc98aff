import { auc } from './auc.js'
import { averagePopularity } from './average-popularity.js'
import { coverage } from './coverage.js'
import { entropy, entropyNats, entropyNormalized } from './entropy.js'
import { f1 } from './f1.js'
import { gauc } from './gauc.js'
import { gini } from './gini.js'
import { hit } from './hit.js'
import { intraListDiversity } from './intra-list-diversity.js'
import { mapMin, mapRel } from './map.js'
import type { Metric } from './metric.js'
import { mrr } from './mrr.js'
import { ndcg } from './ndcg.js'
import { novelty, noveltyUsers } from './novelty.js'
import { personalization } from './personalization.js'
import { pooledRecall } from './pooled-recall.js'
import { popularityLift } from './popularity-lift.js'
import { precision } from './precision.js'
import { recall } from './recall.js'
import { recallCapped } from './recall-capped.js'
import { serendipity } from './serendipity.js'
import { tailShare } from './tail-share.js'

/** The metrics that strings name, by our definitions. */
export const builtInMetrics: readonly Metric[] = [
  recall,
  ndcg,
  precision,
  hit,
  mrr,
  f1,
  recallCapped,
  mapMin,
  mapRel,
  pooledRecall,
  auc,
  gauc,
  coverage,
  gini,
  entropy,
  entropyNats,
  entropyNormalized,
  averagePopularity,
  popularityLift,
  novelty,
  noveltyUsers,
  tailShare,
  personalization,
  intraListDiversity,
  serendipity,
]
