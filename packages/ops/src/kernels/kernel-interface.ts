import type { Rng } from '@gnnrec/graph'
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

/** Where the draws of a dropout are: `rng.uniformAt(block, place)`. */
export interface Drop {
  readonly rng: Rng
  readonly block: number
  readonly rate: number
}

/** What one refined layer of one side reads and fills; formulas in `assembly/cosine-refine.ts`. */
export interface RefinedBlock {
  /** Layer 0 of this side, [n, d]. */
  readonly e: TensorInfo
  /** The products of all layers, [layers · n, d]. */
  readonly products: TensorInfo
  /** Which n rows of `products` are meant, from 0. */
  readonly layer: number
  /** Least product of two norms. */
  readonly floor: number
}

/** What of a sparse product is wanted; it has the bytes that the whole product has there. */
interface ProductPart {
  /** The rows of the result, int32 [k], which becomes [k, d]. All if missing. */
  readonly rows?: TensorInfo
  /** 0 where a row of x is known to be zeros, int32 [columns]. Not together with `own`. */
  readonly nonZeroRows?: TensorInfo
}

/** Samples of a pairwise loss: the tables, and int32 [B] rows of them. */
export interface PairwiseSamples {
  readonly users: TensorInfo
  readonly items: TensorInfo
  readonly userRows: TensorInfo
  readonly positives: TensorInfo
  readonly negatives: TensorInfo
}

/** What every backend has to bring for the operators of this folder; one file each. */
export interface OpKernels {
  /**
   * scale · (A x + diag(own.loops) own.x) + baseScale · base; `base` and `own` may be missing. x is
   * [columns, d]. With a part, what it leaves out is not computed.
   */
  spmm(
    backend: KernelBackend,
    matrix: DeviceMatrix,
    x: TensorInfo,
    scale: number,
    base?: { readonly x: TensorInfo; readonly scale: number },
    own?: { readonly x: TensorInfo; readonly loops: TensorInfo },
    part?: ProductPart,
  ): TensorInfo
  /** A float32 tensor whose values are still to be written. */
  allocate(backend: KernelBackend, shape: readonly number[]): TensorInfo
  /**
   * y = A x into the layer's rows of `block.products`, cos(y, e) · y into `refined`, and the same
   * plus `before` into `sum`, which may be `before` itself.
   */
  cosineRefine(
    backend: KernelBackend,
    matrix: DeviceMatrix,
    x: TensorInfo,
    block: RefinedBlock,
    out: {
      readonly refined: TensorInfo | undefined
      readonly before: TensorInfo | undefined
      readonly sum: TensorInfo
    },
  ): void
  /**
   * The gradient of {@link cosineRefine}: writes that of y to `dProducts` and adds that of e to `dE`.
   * `next` is the gradient of the next layer's products with the adjoint matrix; without it, at the
   * last layer, `dE` is written.
   */
  cosineRefineGradient(
    backend: KernelBackend,
    block: RefinedBlock,
    dSum: TensorInfo,
    out: { readonly dProducts: TensorInfo; readonly dE: TensorInfo },
    next?: { readonly matrix: DeviceMatrix; readonly x: TensorInfo },
  ): void
  /** Frees what {@link spmm} made along with a matrix that is disposed of. */
  releaseMatrix?(backend: KernelBackend, matrix: DeviceMatrix): void
  /** Rows of [n, d] at int32 indices [k]: [k, d]. */
  gatherRows(backend: KernelBackend, table: TensorInfo, indices: TensorInfo): TensorInfo
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
  /**
   * Losses [n] of `crossEntropy`, `next` being the rings of equal labels, and into `weights` [n, n] the
   * gradient of each row's loss; formulas in `assembly/cross-entropy.ts`.
   */
  crossEntropy(
    backend: KernelBackend,
    inputs: {
      readonly scores: TensorInfo
      readonly offsets: TensorInfo | undefined
      readonly next: TensorInfo
    },
    weights: TensorInfo,
  ): TensorInfo
  /** `[margins, squares]` of `pairwiseMargins`, each [B]. */
  pairwiseMargins(backend: KernelBackend, samples: PairwiseSamples): TensorInfo[]
  /** Gradient of Σ slopes · margins + weights · squares in one of the tables; both are [B]. */
  pairwiseGradient(
    backend: KernelBackend,
    samples: PairwiseSamples,
    outer: { readonly slopes: TensorInfo; readonly weights: TensorInfo },
    side: 'users' | 'items',
  ): TensorInfo
  /** 0 where a number's draw is below the rate, the number / (1 - rate) elsewhere. */
  dropNumbers(backend: KernelBackend, x: TensorInfo, drop: Drop): TensorInfo
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
  /** {@link adam} on the rows of x whose gradient has a number other than 0. */
  rowAdam(
    backend: KernelBackend,
    x: TensorInfo,
    gradient: TensorInfo,
    m: TensorInfo,
    v: TensorInfo,
    step: AdamStep,
  ): void
}
