import type { ActiveBackend, BackendName } from '@gnnrec/ops'

/** A backend that can be checked. */
export type CheckedBackend = Exclude<BackendName, 'auto'>

/** What the machine and the process have. */
export interface Environment {
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly threads: number
  readonly memoryGb: number
  readonly hasSharedMemory: boolean
  /** Versions of the packages that were found, by name; two copies of tfjs-core give two versions. */
  readonly packages: Readonly<Record<string, string>>
  /** What `nvidia-smi` says of each GPU; empty without one. */
  readonly gpus: readonly string[]
}

/** A kernel held to the reference, tfjs's plain JavaScript backend. */
export interface KernelCheck {
  readonly name: string
  /** Largest difference, as a share of the largest number of the reference. */
  readonly error: number
  readonly passed: boolean
  /** Why it could not be run. */
  readonly failure?: string
}

/** Three epochs of LightGCN on the bundled data set. */
export interface TrainingCheck {
  readonly losses: readonly number[]
  readonly recallAt20: number
  /** Whether a second training with the same seed ended in the same bytes. */
  readonly isReproducible: boolean
  /** Tensors that an epoch left behind; 0 is right. */
  readonly leakedTensors: number
  readonly seconds: number
}

/** On a random graph of Gowalla's size: 810,128 edges, 64 dimensions. */
export interface SpeedCheck {
  /** Products with both blocks of the adjacency. */
  readonly sparseProductMs: number
  /** A LightGCN-3 step, batch 2048, with Adam. */
  readonly trainingStepMs: number
}

/** What was found out about one backend. */
export interface BackendDiagnosis {
  readonly backend: CheckedBackend
  /** Missing where it cannot be had. */
  readonly active?: ActiveBackend
  /** Why it cannot be had, or where the check broke off. */
  readonly failure?: string
  /** Whether its process crashed or had to be ended. */
  readonly crashed?: boolean
  readonly kernels?: readonly KernelCheck[]
  readonly training?: TrainingCheck
  readonly speed?: SpeedCheck
  readonly peakRssMb?: number
}

/** All that a report of a problem needs. */
export interface Diagnosis {
  readonly environment: Environment
  readonly backends: readonly BackendDiagnosis[]
  /** Sentences about what is wrong; empty if all is well. */
  readonly problems: readonly string[]
}
