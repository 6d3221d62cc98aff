import type { CheckedBackend } from './diagnosis.js'

/** What can be checked of a backend. */
type CheckedPart = 'kernels' | 'training' | 'speed'

/** What a worker is to check. */
export interface BackendTask {
  readonly backend: CheckedBackend
  readonly gpu: 'require' | 'allow' | 'forbid'
  readonly threads: number | undefined
  readonly parts: readonly CheckedPart[]
}
