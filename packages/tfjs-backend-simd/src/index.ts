export type { SimdBackend } from './backend/simd-backend.js'
export { useCpuBackend, useSimdBackend, useSimdBackendSync } from './use-backend.js'
