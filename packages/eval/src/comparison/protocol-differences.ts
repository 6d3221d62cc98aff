import type { EvaluationProtocol } from '../evaluation-report.js'
import type { ProtocolDifference } from './protocol-mismatch-error.js'

/** The parts of a report that decide with which other reports it can be compared. */
export interface ComparableReport {
  readonly protocol: EvaluationProtocol
  readonly userIndices: ArrayLike<number>
}

/** Protocol fields that a caller may ignore. */
export type IgnorableField = 'libraryVersion' | 'tieRule'

// `splitMethod` is missing because equal hashes are enough; counts are missing because they follow from
// the other fields.
const fields = [
  'splitHash',
  'on',
  'masked',
  'ranking',
  'candidates',
  'candidateHash',
  'sampling',
  'tieRule',
  'flavour',
  'libraryVersion',
] as const satisfies readonly (keyof EvaluationProtocol)[]

/**
 * Lists the differences because of which metrics of two reports must not be compared.
 *
 * @param metrics - names of metrics that both reports have
 */
export function protocolDifferences(
  a: ComparableReport,
  b: ComparableReport,
  metrics: readonly string[],
  ignore: readonly IgnorableField[],
): ProtocolDifference[] {
  const differences: ProtocolDifference[] = []
  const compare = (field: string, inA: unknown, inB: unknown): void => {
    if (JSON.stringify(inA) !== JSON.stringify(inB)) differences.push({ field, a: inA, b: inB })
  }
  for (const field of fields) {
    if ((ignore as readonly string[]).includes(field)) continue
    compare(field, a.protocol[field], b.protocol[field])
  }
  for (const metric of metrics) {
    const [inA, inB] = [a, b].map(({ protocol }) => protocol.denominators[metric])
    compare(`denominators.${metric}`, inA, inB)
  }
  const position = firstDifference(a.userIndices, b.userIndices)
  if (position !== -1) {
    const [inA, inB] = [a, b].map(({ userIndices }) => ({
      count: userIndices.length,
      [`index at ${position}`]: userIndices[position] ?? null,
    }))
    differences.push({ field: 'users', a: inA, b: inB })
  }
  return differences
}

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i
  return -1
}
