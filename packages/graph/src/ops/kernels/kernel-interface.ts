import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core'

/** A sparse matrix as tensors of the active backend. */
export interface DeviceMatrix {
  readonly rows: number
  readonly rowPointers: Tensor
  readonly columnIndices: Tensor
  readonly values: Tensor
}

/** Numbers of one Adam step, with the bias corrections worked out. */
export interface AdamStep {
  readonly gradientScale: number
  readonly beta1: number
  readonly beta2: number
  /** learningRate / (1 - beta1^t) */
  readonly stepSize: number
  /** 1 / √(1 - beta2^t) */
  readonly inverseRoot: number
  readonly epsilon: number
}

/** What every backend has to bring for the operators of this folder; one file each. */
export interface OpKernels {
  /** scale · A x + baseScale · base; `base` may be missing. x is [columns, d]. */
  spmm(
    backend: KernelBackend,
    matrix: DeviceMatrix,
    x: TensorInfo,
    scale: number,
    base?: { readonly x: TensorInfo; readonly scale: number },
  ): TensorInfo
  /** Sums rows [k, d] into [rowCount, d] by int32 indices [k], in ascending k. */
  scatterAddRows(
    backend: KernelBackend,
    rows: TensorInfo,
    indices: TensorInfo,
    rowCount: number,
  ): TensorInfo
  /** Row-wise dot product of [n, d] and [n, d]: [n]. */
  rowDot(backend: KernelBackend, a: TensorInfo, b: TensorInfo): TensorInfo
  /** Row r of [n, d] times scales[r]. */
  scaleRows(backend: KernelBackend, scales: TensorInfo, x: TensorInfo): TensorInfo
  /** Σ x², in double precision and in a fixed order. */
  squaredNorm(backend: KernelBackend, x: TensorInfo): number
  /** One Adam step in place on x, m and v. */
  adam(
    backend: KernelBackend,
    x: TensorInfo,
    gradient: TensorInfo,
    m: TensorInfo,
    v: TensorInfo,
    step: AdamStep,
  ): void
}
