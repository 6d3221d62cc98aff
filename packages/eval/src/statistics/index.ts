/**
 * Paired tests, effect sizes and intervals, for any paired samples such as a metric per user or per seed.
 *
 * @module
 */

export { adjustPValues, type PValueAdjustment } from './adjust-p-values.js'
export type { Alternative } from './alternative.js'
export { type EffectSizes, effectSizes } from './effect-sizes.js'
export {
  type PairedBootstrap,
  type PairedBootstrapOptions,
  pairedBootstrap,
} from './paired-bootstrap.js'
export { type PairedTTest, type PairedTTestOptions, pairedTTest } from './paired-t-test.js'
export {
  type PermutationTest,
  type PermutationTestOptions,
  permutationTest,
} from './permutation-test.js'
export {
  type WilcoxonOptions,
  type WilcoxonSignedRank,
  wilcoxonSignedRank,
} from './wilcoxon.js'
