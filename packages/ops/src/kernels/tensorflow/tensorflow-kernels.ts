import type { OpKernels } from '../kernel-interface.js'
import { cosineRefine, cosineRefineGradient } from './cosine-refine.js'
import { crossEntropy, pairwiseGradient, pairwiseMargins } from './losses.js'
import { adam, rowAdam, squaredNorm } from './optimizer.js'
import { allocate, dropNumbers, gatherRows, rowDot, scaleRows, scatterAddRows } from './rows.js'
import { releaseMatrix, spmm } from './sparse-product.js'

/**
 * Graph operators on the backend `tensorflow` of tfjs-node and tfjs-node-gpu. Its values cannot change,
 * so what changes in place elsewhere gets new values here.
 */
export const tensorflowKernels: OpKernels = {
  spmm,
  releaseMatrix,
  allocate,
  gatherRows,
  scatterAddRows,
  rowDot,
  scaleRows,
  dropNumbers,
  cosineRefine,
  cosineRefineGradient,
  crossEntropy,
  pairwiseMargins,
  pairwiseGradient,
  squaredNorm,
  adam,
  rowAdam,
}
