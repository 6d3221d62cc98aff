import { auc } from '../metrics/auc.js'
import type { Metric } from '../metrics/metric.js'
import { ndcg } from '../metrics/ndcg.js'
import { precision } from '../metrics/precision.js'
import { recall } from '../metrics/recall.js'

/**
 * The metrics of LightGCN-PyTorch's `utils.py`. Its `MRRatK_r` is left out: it divides by log2(1 / rank),
 * which is 0 at rank 1. https://github.com/gusye1234/LightGCN-PyTorch
 */
export const lightGcnMetrics: readonly Metric[] = [recall, precision, ndcg, auc]
