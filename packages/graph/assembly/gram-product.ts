// out += Mᵀ (M x) for one vector x and rows start..end-1 of M. Rows are added one after another, so one thread takes
// them all: ranges must not be computed at the same time.
//
// Each sum has the order and the precision that it has in spmm, first by M and then by its transpose, which would
// read twice as much memory. Rows whose product is 0 are skipped: adding ±0 changes no number.
export function addGramProduct(
  rowPointers: usize,
  columnIndices: usize,
  values: usize,
  x: usize,
  out: usize,
  start: i32,
  end: i32,
): void {
  const toValues = values - columnIndices
  for (let row = start; row < end; row++) {
    const first = columnIndices + ((<usize>load<i32>(rowPointers + ((<usize>row) << 2))) << 2)
    const last = columnIndices + ((<usize>load<i32>(rowPointers + ((<usize>row + 1) << 2))) << 2)
    let sum: f32 = 0
    for (let entry = first; entry < last; entry += 4) {
      sum += load<f32>(entry + toValues) * load<f32>(x + ((<usize>load<i32>(entry)) << 2))
    }
    addRow(sum, first, last, toValues, out)
  }
}

// out += Mᵀ y for one vector y and rows start..end-1 of M, as addGramProduct adds them for y = M x. It reads only the
// rows whose factor is not 0.
export function addTransposeProduct(
  rowPointers: usize,
  columnIndices: usize,
  values: usize,
  y: usize,
  out: usize,
  start: i32,
  end: i32,
): void {
  for (let row = start; row < end; row++) {
    const factor = load<f32>(y + ((<usize>row) << 2))
    const first = columnIndices + ((<usize>load<i32>(rowPointers + ((<usize>row) << 2))) << 2)
    const last = columnIndices + ((<usize>load<i32>(rowPointers + ((<usize>row + 1) << 2))) << 2)
    addRow(factor, first, last, values - columnIndices, out)
  }
}

// Adds a row times a factor, unless that is 0.
// @ts-expect-error: decorator of AssemblyScript
@inline
function addRow(factor: f32, first: usize, last: usize, toValues: usize, out: usize): void {
  if (factor == 0) return
  for (let entry = first; entry < last; entry += 4) {
    const target = out + ((<usize>load<i32>(entry)) << 2)
    store<f32>(target, load<f32>(target) + load<f32>(entry + toValues) * factor)
  }
}
