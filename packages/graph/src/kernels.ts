export type { AllocatorStatistics } from './kernels/allocator.js'
export { Allocator } from './kernels/allocator.js'
export type {
  Kernel,
  KernelArguments,
  KernelExports,
  KernelName,
} from './kernels/kernel-exports.js'
export { defaultRuntime, ELEMENT_GRAIN, KernelRuntime } from './kernels/kernel-runtime.js'
export { rowGrain } from './kernels/row-grain.js'
export { MAXIMUM_THREADS } from './kernels/thread-pool.js'
