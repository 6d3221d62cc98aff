import type { Rng } from '@gnnrec/graph'
import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core'

/** A sparse matrix as tensors of the active backend. */
export interface DeviceMatrix {
  readonly rows: number
  readonly rowPointers: Tensor
  readonly columnIndices: Tensor
  readonly values: Tensor
}

/** The numbers of one Adam step, bias corrections included. */
export interface AdamStep {
  readonly gradientScale: number
  readonly beta1: number
  readonly beta2: number
  /** The step size, learningRate / (1 - beta1^t). */
  readonly stepSize: number
  /** The correction of the second moment, 1 / √(1 - beta2^t). */
  readonly inverseRoot: number
  readonly epsilon: number
}

/** The draws of a dropout: `rng.uniformAt(block, place)`. */
export interface Drop {
  readonly rng: Rng
  readonly block: number
  readonly rate: number
}

/** The tensors of one refined layer of one side; formulas in `assembly/cosine-refine.ts`. */
export interface RefinedBlock {
  /** Layer 0 of this side, [n, d]. */
  readonly e: TensorInfo
  /** The products of all layers, [layers · n, d]. */
  readonly products: TensorInfo
  /** The layer, from 0: the n rows of `products` that belong to it. */
  readonly layer: number
  /** The least product of two norms. */
  readonly floor: number
}

/** The wanted part of a sparse product, which has the same bytes as that part of the whole product. */
interface ProductPart {
  /** The wanted rows, int32 [k], of a result [k, d]; all rows when left out. */
  readonly rows?: TensorInfo
  /** Flags of rows of x, int32 [columns]: 0 for rows that are known to be zeros. Not together with `own`. */
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

/** The kernels that every backend needs for the operators of this package; one file for each backend. */
export interface OpKernels {
  /**
   * Computes scale · (A x + diag(own.loops) own.x) + base.scale · base.x; `base` and `own` may be left
   * out. x is [columns, d]. With a part, only that part is computed.
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
  /** Makes a float32 tensor whose values are still to be written. */
  allocate(backend: KernelBackend, shape: readonly number[]): TensorInfo
  /**
   * Writes y = A x to the layer's rows of `block.products`, cos(y, e) · y to `refined`, and the same plus
   * `before` to `sum`, which may be `before` itself.
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
   * Computes the gradient of {@link cosineRefine}: writes that of y to `dProducts` and adds that of e to
   * `dE`. `next` has the gradient of the next layer's products and the adjoint matrix. At the last layer
   * it is left out, and `dE` is written instead of added to.
   */
  cosineRefineGradient(
    backend: KernelBackend,
    block: RefinedBlock,
    dSum: TensorInfo,
    out: { readonly dProducts: TensorInfo; readonly dE: TensorInfo },
    next?: { readonly matrix: DeviceMatrix; readonly x: TensorInfo },
  ): void
  /** Frees the values that {@link spmm} keeps for a matrix, when the matrix is disposed of. */
  releaseMatrix?(backend: KernelBackend, matrix: DeviceMatrix): void
  /** Gathers rows of [n, d] at int32 indices [k]: [k, d]. */
  gatherRows(backend: KernelBackend, table: TensorInfo, indices: TensorInfo): TensorInfo
  /** Sums rows [k, d] into [rowCount, d] by int32 indices [k], in ascending k. */
  scatterAddRows(
    backend: KernelBackend,
    rows: TensorInfo,
    indices: TensorInfo,
    rowCount: number,
  ): TensorInfo
  /** Computes the dot products of the rows of [n, d] and [n, d]: [n]. */
  rowDot(backend: KernelBackend, a: TensorInfo, b: TensorInfo): TensorInfo
  /** Multiplies row r of [n, d] by scales[r]. */
  scaleRows(backend: KernelBackend, scales: TensorInfo, x: TensorInfo): TensorInfo
  /**
   * Computes the losses [n] of `crossEntropy`, where `next` has the rings of equal labels, and writes the
   * gradient of each row's loss to `weights` [n, n]; formulas in `assembly/cross-entropy.ts`.
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
  /** Computes `[margins, squares]` of `pairwiseMargins`, each [B]. */
  pairwiseMargins(backend: KernelBackend, samples: PairwiseSamples): TensorInfo[]
  /** Computes the gradient of Σ slopes · margins + weights · squares in one table; both are [B]. */
  pairwiseGradient(
    backend: KernelBackend,
    samples: PairwiseSamples,
    outer: { readonly slopes: TensorInfo; readonly weights: TensorInfo },
    side: 'users' | 'items',
  ): TensorInfo
  /** Sets numbers whose draw is below the rate to 0 and divides the others by 1 - rate. */
  dropNumbers(backend: KernelBackend, x: TensorInfo, drop: Drop): TensorInfo
  /** Computes Σ x², in double precision and in a fixed order. */
  squaredNorm(backend: KernelBackend, x: TensorInfo): number
  /** Makes one Adam step in place on x, m and v. */
  adam(
    backend: KernelBackend,
    x: TensorInfo,
    gradient: TensorInfo,
    m: TensorInfo,
    v: TensorInfo,
    step: AdamStep,
  ): void
  /** Makes an {@link adam} step on the rows of x whose gradient has a number other than 0. */
  rowAdam(
    backend: KernelBackend,
    x: TensorInfo,
    gradient: TensorInfo,
    m: TensorInfo,
    v: TensorInfo,
    step: AdamStep,
  ): void
}
