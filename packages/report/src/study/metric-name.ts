/** The parts of a metric's name: `'ndcg@20'` is the family `'ndcg'` with the cut-off 20. */
export interface MetricName {
  readonly name: string
  readonly family: string
  readonly k: number | undefined
}

/** Splits a metric's name into its parts. */
export function metricName(name: string): MetricName {
  const at = name.lastIndexOf('@')
  const k = Number(name.slice(at + 1))
  return at > 0 && Number.isInteger(k)
    ? { name, family: name.slice(0, at), k }
    : { name, family: name, k: undefined }
}

/**
 * Groups metrics by definition, with cut-offs ascending, in the order in which definitions occur first.
 */
export function metricFamilies(names: Iterable<string>): Map<string, MetricName[]> {
  const families = new Map<string, MetricName[]>()
  for (const each of new Set(names)) {
    const parts = metricName(each)
    families.set(parts.family, [...(families.get(parts.family) ?? []), parts])
  }
  for (const members of families.values()) members.sort((a, b) => (a.k ?? 0) - (b.k ?? 0))
  return families
}

/** Returns the member with this cut-off, else the one with the largest cut-off. */
export function memberAt(members: readonly MetricName[], k: number | undefined): MetricName {
  return members.find((member) => member.k === k) ?? members[members.length - 1]
}
