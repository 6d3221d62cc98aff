export { adam } from './adam'
export { cosineRefine, cosineRefineGradient } from './cosine-refine'
export { crossEntropy } from './cross-entropy'
export { drawIntegers, drawItems } from './draws'
export { dropNumbers } from './dropout'
export {
  add,
  affine,
  divide,
  divideBy,
  fill,
  multiply,
  rectify,
  squareRoot,
  step,
  subtract,
} from './elementwise'
export { addGramProduct, addTransposeProduct } from './gram-product'
export { addGram, leastSquares } from './least-squares'
export { blockOuterSum, matmulPacked, packPanels } from './matmul'
export { pairwiseItemGradient, pairwiseMargins, pairwiseUserGradient } from './pairwise'
export { blockSquaredSum, blockSquaredSumOfRows, blockSum } from './reduce'
export { gatherRows, rowDot, rowSum, scaleRows, scatterAddRows } from './rows'
export { scaleShift } from './scale-shift'
export { spmm } from './spmm'
export { topRows } from './top-rows'
export { exponential, sigmoid, softplus } from './transcendental'
export { transpose } from './transpose'
