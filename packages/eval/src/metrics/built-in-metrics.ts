/**
 * The built-in metrics. Pass their names to `evaluate`, such as `'recall@20'`, or compute them of lists of
 * your own by their method `of`, such as `metrics.recall.of(list, relevant, 20)`.
 *
 * @module
 */

export { type AreaUnderCurve, auc } from './auc.js'
export { type AveragePopularity, averagePopularity } from './average-popularity.js'
export type { CountingMetric } from './counting-metric.js'
export { coverage } from './coverage.js'
export { entropy, entropyNats, entropyNormalized } from './entropy.js'
export { f1 } from './f1.js'
export { gauc } from './gauc.js'
export { gini } from './gini.js'
export { hit } from './hit.js'
export type { HitsMetric } from './hits-metric.js'
export { type IntraListDiversity, intraListDiversity } from './intra-list-diversity.js'
export { mapMin, mapRel } from './map.js'
export { mrr } from './mrr.js'
export { ndcg } from './ndcg.js'
export { type Novelty, novelty, noveltyUsers } from './novelty.js'
export { personalization } from './personalization.js'
export { pooledRecall } from './pooled-recall.js'
export { popularityLift } from './popularity-lift.js'
export { precision } from './precision.js'
export { recall } from './recall.js'
export { recallCapped } from './recall-capped.js'
export { serendipity } from './serendipity.js'
export { type TailShare, tailShare } from './tail-share.js'
