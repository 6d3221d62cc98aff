import * as builtInMetrics from '../metrics/built-in-metrics.js'
import type { Metric } from '../metrics/metric.js'
import { elliotMetrics } from './elliot.js'
import { implicitMetrics } from './implicit.js'
import { lightGcnMetrics } from './light-gcn.js'
import { pygMetrics } from './pyg.js'
import { recBoleMetrics } from './rec-bole.js'
import { svdGcnMetrics } from './svd-gcn.js'
import { trecEvalMetrics } from './trec-eval.js'

/**
 * The library whose definitions metrics follow: `'gnnrec'` or another library, for the same ranking. A
 * flavour knows only the metrics that its library has, under the names of this library.
 */
export type Flavour =
  | 'gnnrec'
  | 'trec_eval'
  | 'recbole'
  | 'lightgcn'
  | 'implicit'
  | 'elliot'
  | 'pyg'
  | 'svd-gcn'

const byFlavour: Readonly<Record<Flavour, readonly Metric[]>> = {
  gnnrec: Object.values(builtInMetrics),
  trec_eval: trecEvalMetrics,
  recbole: recBoleMetrics,
  lightgcn: lightGcnMetrics,
  implicit: implicitMetrics,
  elliot: elliotMetrics,
  pyg: pygMetrics,
  'svd-gcn': svdGcnMetrics,
}

/** The names of all flavours. */
export const flavours = Object.keys(byFlavour) as readonly Flavour[] as readonly [
  Flavour,
  ...Flavour[],
]

/** Returns the metrics that a flavour knows. */
export function flavourMetrics(flavour: Flavour): readonly Metric[] {
  return byFlavour[flavour]
}
