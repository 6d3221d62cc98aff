export type { SimdBackend } from './backend/simd-backend.js'
export {
  BackendUnavailableError,
  GnnRecError,
  InvalidPointerError,
  OutOfMemoryError,
} from './errors.js'
export { startThreads, useCpuBackend, useSimdBackend } from './use-backend.js'
