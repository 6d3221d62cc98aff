export type { KernelArguments } from './kernels/kernel-exports.js'
export { defaultRuntime, elementGrain, KernelRuntime } from './kernels/kernel-runtime.js'
export { rowGrain } from './kernels/row-grain.js'
export * as panels from './truncated-svd/panel-svd.js'
