export type { SimdBackend } from './backend/simd-backend.js'
export {
  startThreads,
  useCpuBackend,
  useSimdBackend,
  useSimdBackendSync,
} from './use-backend.js'
