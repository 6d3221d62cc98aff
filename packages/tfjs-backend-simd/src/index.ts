export type { SimdBackend } from './backend/simd-backend.js'
export { startThreads, useCpuBackend, useSimdBackend } from './use-backend.js'
