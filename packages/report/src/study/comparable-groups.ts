import {
  compareReports,
  type EvaluationReport,
  type ProtocolDifference,
  ProtocolMismatchError,
} from '@gnnrec/eval'

/** Items whose reports were made in the same way. */
export interface ComparableGroup<Item> {
  readonly items: readonly Item[]
  /** Differences of its reports from those of the first group; empty for the first group. */
  readonly differences: readonly ProtocolDifference[]
}

/** Groups items whose numbers may be compared, in the order in which they come. */
export function comparableGroups<Item>(
  items: readonly Item[],
  reportOf: (item: Item) => EvaluationReport,
): ComparableGroup<Item>[] {
  const groups: { items: Item[]; differences: readonly ProtocolDifference[] }[] = []
  for (const item of items) {
    const found = groups.find(
      (group) => protocolDifferences(reportOf(group.items[0]), reportOf(item)).length === 0,
    )
    if (found) {
      found.items.push(item)
      continue
    }
    const [first] = groups
    const differences = first ? protocolDifferences(reportOf(first.items[0]), reportOf(item)) : []
    groups.push({ items: [item], differences })
  }
  return groups
}

function protocolDifferences(
  a: EvaluationReport,
  b: EvaluationReport,
): readonly ProtocolDifference[] {
  try {
    // Without values per user, only the protocols are compared.
    compareReports(withoutValues(a), withoutValues(b))
    return []
  } catch (error) {
    if (error instanceof ProtocolMismatchError) return error.differences
    throw error
  }
}

function withoutValues(report: EvaluationReport) {
  const { toJSON, ...fields } = report
  return { ...fields, perUser: {}, perUserKept: true, userIndices: [...report.userIndices] }
}
