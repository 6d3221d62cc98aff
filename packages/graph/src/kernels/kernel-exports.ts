/** A kernel. It takes pointers and numbers, then the range of rows or elements to work on. */
type Kernel<Arguments extends readonly number[]> = (
  ...callArguments: [...Arguments, start: number, end: number]
) => void

/**
 * The exports of the compiled module. Pointers are byte addresses in kernel memory; matrices are
 * row-major float32, indices int32. The formulas are in `assembly/`, beside each kernel.
 */
export interface KernelExports {
  readonly adam: Kernel<
    [
      x: number,
      gradient: number,
      m: number,
      v: number,
      gradientScale: number,
      beta1: number,
      oneMinusBeta1: number,
      beta2: number,
      oneMinusBeta2: number,
      stepSize: number,
      inverseRoot: number,
      epsilon: number,
    ]
  >
  readonly add: Kernel<[a: number, b: number, out: number]>
  readonly addGram: Kernel<[table: number, first: number, last: number, dim: number, gram: number]>
  readonly addGramProduct: Kernel<
    [rowPointers: number, columnIndices: number, values: number, x: number, out: number]
  >
  readonly addTransposeProduct: Kernel<
    [rowPointers: number, columnIndices: number, values: number, y: number, out: number]
  >
  readonly affine: Kernel<[x: number, scale: number, offset: number, out: number]>
  readonly blockOuterSum: Kernel<
    [a: number, b: number, inner: number, rows: number, columns: number, partials: number]
  >
  readonly blockSquaredSum: Kernel<[x: number, length: number, partials: number]>
  readonly blockSquaredSumOfRows: Kernel<
    [x: number, length: number, columns: number, flags: number, partials: number]
  >
  readonly blockSum: Kernel<[x: number, length: number, partials: number]>
  readonly cosineRefine: Kernel<
    [
      rowPointers: number,
      columnIndices: number,
      values: number,
      x: number,
      e: number,
      products: number,
      refined: number,
      before: number,
      sum: number,
      columns: number,
      floor: number,
    ]
  >
  readonly cosineRefineGradient: Kernel<
    [
      rowPointers: number,
      columnIndices: number,
      values: number,
      x: number,
      dSum: number,
      e: number,
      products: number,
      dProducts: number,
      dE: number,
      columns: number,
      floor: number,
    ]
  >
  readonly crossEntropy: Kernel<
    [scores: number, offsets: number, next: number, n: number, losses: number, weights: number]
  >
  readonly divide: Kernel<[a: number, b: number, out: number]>
  readonly divideBy: Kernel<[x: number, divisor: number, out: number]>
  readonly drawIntegers: Kernel<
    [
      key0: number,
      key1: number,
      block: number,
      first: number,
      bound: number,
      growth: number,
      out: number,
    ]
  >
  readonly drawItems: Kernel<
    [
      pointers: number,
      items: number,
      itemCount: number,
      users: number,
      draws: number,
      first: number,
      block: number,
      positiveKey0: number,
      positiveKey1: number,
      positives: number,
      negativeKey0: number,
      negativeKey1: number,
      perSample: number,
      negatives: number,
    ]
  >
  readonly dropNumbers: Kernel<
    [
      x: number,
      key0: number,
      key1: number,
      block: number,
      thresholdHigh: number,
      thresholdLow: number,
      kept: number,
      out: number,
    ]
  >
  readonly exponential: Kernel<[x: number, out: number]>
  readonly fill: Kernel<[value: number, out: number]>
  readonly gatherRows: Kernel<[table: number, indices: number, out: number, columns: number]>
  readonly leastSquares: Kernel<
    [
      pointers: number,
      columns: number,
      values: number,
      table: number,
      gram: number,
      ridges: number,
      dim: number,
      entryWeight: number,
      targetOffset: number,
      block: number,
      scratch: number,
      scratchBytes: number,
      grain: number,
      out: number,
    ]
  >
  readonly matmulPacked: Kernel<
    [a: number, packed: number, inner: number, columns: number, out: number]
  >
  readonly multiply: Kernel<[a: number, b: number, out: number]>
  readonly packPanels: Kernel<
    [b: number, inner: number, columns: number, transposed: number, packed: number]
  >
  readonly pairwiseItemGradient: Kernel<
    [
      users: number,
      items: number,
      userRows: number,
      positives: number,
      negatives: number,
      slopes: number,
      weights: number,
      samples: number,
      columns: number,
      out: number,
    ]
  >
  readonly pairwiseMargins: Kernel<
    [
      users: number,
      items: number,
      userRows: number,
      positives: number,
      negatives: number,
      columns: number,
      margins: number,
      squares: number,
    ]
  >
  readonly pairwiseUserGradient: Kernel<
    [
      users: number,
      items: number,
      userRows: number,
      positives: number,
      negatives: number,
      slopes: number,
      weights: number,
      samples: number,
      columns: number,
      out: number,
    ]
  >
  readonly rectify: Kernel<[x: number, out: number]>
  readonly rowDot: Kernel<[a: number, b: number, out: number, columns: number]>
  readonly rowSum: Kernel<[x: number, out: number, columns: number]>
  readonly scaleRows: Kernel<[scales: number, x: number, out: number, columns: number]>
  readonly scaleShift: Kernel<[x: number, columns: number, scale: number, shift: number]>
  readonly scatterAddRows: Kernel<
    [rows: number, segments: number, count: number, out: number, columns: number]
  >
  readonly sigmoid: Kernel<[x: number, out: number]>
  readonly softplus: Kernel<[x: number, out: number]>
  readonly spmm: Kernel<
    [
      rowPointers: number,
      columnIndices: number,
      values: number,
      x: number,
      out: number,
      columns: number,
      scale: number,
      base: number,
      baseScale: number,
      loops: number,
      own: number,
      selected: number,
      flags: number,
    ]
  >
  readonly squareRoot: Kernel<[x: number, out: number]>
  readonly step: Kernel<[x: number, alpha: number, out: number]>
  readonly subtract: Kernel<[a: number, b: number, out: number]>
  readonly topRows: Kernel<
    [
      scores: number,
      columns: number,
      maskPointers: number,
      maskItems: number,
      k: number,
      places: number,
      workItems: number,
      workScores: number,
      outItems: number,
      outScores: number,
      outLengths: number,
    ]
  >
  readonly transpose: Kernel<[x: number, rows: number, columns: number, out: number]>
}

export type KernelName = keyof KernelExports

/** The arguments of a kernel before its range. */
export type KernelArguments<Name extends KernelName> =
  Parameters<KernelExports[Name]> extends [...infer Arguments extends number[], number, number]
    ? Arguments
    : never
