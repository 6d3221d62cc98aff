import type { CheckedBackend } from './diagnosis.js'

/** A part of the check of a backend. */
type CheckedPart = 'kernels' | 'training' | 'speed'

/** The task of a worker: a backend and the parts to check. */
export interface BackendTask {
  readonly backend: CheckedBackend
  readonly gpu: 'require' | 'allow' | 'forbid'
  readonly threads: number | undefined
  readonly parts: readonly CheckedPart[]
}
