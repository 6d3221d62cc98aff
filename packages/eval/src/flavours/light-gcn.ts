import { auc } from '../metrics/auc.js'
import type { Metric } from '../metrics/metric.js'
import { ndcg } from '../metrics/ndcg.js'
import { precision } from '../metrics/precision.js'
import { recall } from '../metrics/recall.js'

/**
 * LightGCN-PyTorch's `utils.py`. Its `MRRatK_r` divides by log2(1 / rank), which is 0 at rank 1, and so
 * is never a number. https://github.com/gusye1234/LightGCN-PyTorch
 */
export const lightGcnMetrics: readonly Metric[] = [recall, precision, ndcg, auc]
