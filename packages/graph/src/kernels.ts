export { samplingStrategies } from './batches/sampling-strategy.js'
export { awaitCallback, refusePromise } from './callbacks.js'
export { isInstanceOfAnyCopy, sharedByCopies } from './copies.js'
export { PackageCopiesError } from './errors.js'
export { byKernels } from './kernels/by-kernels.js'
export type { KernelArguments } from './kernels/kernel-exports.js'
export { defaultRuntime, elementGrain, KernelRuntime } from './kernels/kernel-runtime.js'
export { rowGrain } from './kernels/row-grain.js'
export { finish, finishInSlices, leastSquares } from './least-squares/least-squares.js'
export type {
  LeastSquaresRows,
  LeastSquaresRule,
  LeastSquaresSolver,
} from './least-squares/least-squares-solver.js'
export { nearestHint } from './nearest-hint.js'
export { drawSample } from './random/draw-sample.js'
export { showValue, thrownMessage } from './show-value.js'
export { checkMachineMemory, machineMemory } from './size-limits.js'
export * as panels from './truncated-svd/panel-svd.js'
export { warn } from './warn.js'
