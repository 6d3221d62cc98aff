import type { ActiveBackend, BackendName } from '@gnnrec/ops'

/** A backend that can be checked. */
export type CheckedBackend = Exclude<BackendName, 'auto'>

/** The machine and the packages on it. */
export interface Environment {
  /** Version of Node.js. */
  readonly node: string
  /** Operating system and architecture, such as `'linux x64'`. */
  readonly platform: string
  /** Model of the processor. */
  readonly cpu: string
  /** Number of threads that the process may use. */
  readonly threads: number
  /** Memory of the machine in gigabytes. */
  readonly memoryGb: number
  /** True when threads can share memory. */
  readonly hasSharedMemory: boolean
  /** Versions of the packages that were found, by name; two copies of a package give two versions. */
  readonly packages: Readonly<Record<string, string>>
  /** A line of `nvidia-smi` for each GPU; empty without one. */
  readonly gpus: readonly string[]
}

/** The comparison of a kernel with the reference, TensorFlow.js's plain JavaScript backend. */
export interface KernelCheck {
  /** Name of the kernel. */
  readonly name: string
  /** Largest difference, as a share of the largest number of the reference. */
  readonly error: number
  /** True when the difference is small enough. */
  readonly passed: boolean
  /** The reason why the kernel could not run. */
  readonly failure?: string
}

/** The results of training LightGCN on the bundled data set for three epochs. */
export interface TrainingCheck {
  /** Mean loss of each epoch. */
  readonly losses: readonly number[]
  /** Recall@20 on the validation part. */
  readonly recallAt20: number
  /** True when a second training with the same seed ended in the same bytes. */
  readonly isReproducible: boolean
  /** Number of tensors that an epoch left behind; 0 is right. */
  readonly leakedTensors: number
  /** Seconds of the first training. */
  readonly seconds: number
}

/** Times on a random graph of Gowalla's size: 810,128 edges, 64 dimensions. */
export interface SpeedCheck {
  /** Milliseconds of the products with both blocks of the adjacency. */
  readonly sparseProductMs: number
  /** Milliseconds of a training step of LightGCN with 3 layers, batches of 2048 and Adam. */
  readonly trainingStepMs: number
}

/** The diagnosis of one backend. */
export interface BackendDiagnosis {
  /** Name of the backend. */
  readonly backend: CheckedBackend
  /** The backend as it was started; absent when it is not available. */
  readonly active?: ActiveBackend
  /** The reason why the backend is not available, or why its check ended early. */
  readonly failure?: string
  /** True when the process of the check crashed or had to be ended. */
  readonly crashed?: boolean
  /** Comparison of every kernel with the reference. */
  readonly kernels?: readonly KernelCheck[]
  /** Results of a short training. */
  readonly training?: TrainingCheck
  /** Times of a product and of a training step. */
  readonly speed?: SpeedCheck
  /** Most memory of the process of the check, in megabytes. */
  readonly peakRssMb?: number
}

/** The diagnosis of a machine, with all that a bug report needs. */
export interface Diagnosis {
  /** The machine and the packages on it. */
  readonly environment: Environment
  /** The diagnosis of each backend. */
  readonly backends: readonly BackendDiagnosis[]
  /** A sentence for each problem; empty when there is none. */
  readonly problems: readonly string[]
}
