import type { Rng, SparseMatrix } from '@gnnrec/graph'
import type { BipartiteOperator } from '@gnnrec/ops'

/**
 * Keeps each directed edge with probability `1 - rate` and divides what is kept by it; degrees are
 * not worked out anew, and the two directions are drawn apart, as in LightGCN's official code.
 *
 * The dropped entries stay in the pattern with the value 0, so that patterns are shared.
 *
 * @param rng - a stream for this one draw
 */
export function dropEdges(operator: BipartiteOperator, rate: number, rng: Rng): BipartiteOperator {
  return {
    toUsers: dropEntries(operator.toUsers, rate, rng, 0),
    toItems: dropEntries(operator.toItems, rate, rng, 1),
    singleUse: true,
  }
}

function dropEntries(
  matrix: SparseMatrix,
  rate: number,
  rng: Rng,
  direction: number,
): SparseMatrix {
  const values = new Float32Array(matrix.nonZeros)
  for (let entry = 0; entry < values.length; entry++) {
    if (rng.uniformAt(direction, entry) >= rate) values[entry] = matrix.values[entry] / (1 - rate)
  }
  return matrix.withValues(values)
}

/** Frees what backends hold of an operator that will not be used again. */
export function disposeOperator(operator: BipartiteOperator): void {
  operator.toUsers.dispose()
  operator.toItems.dispose()
}
