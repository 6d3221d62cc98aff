import { listed } from '../document/number-format.js'
import type { MetricName } from '../study/metric-name.js'
import { hasValue } from '../study/metric-value.js'
import type { StudiedModel } from '../study/studied-model.js'

/** Says which model has the largest value of each metric, with the metrics of one model together. */
export function leaderText(items: readonly StudiedModel[], names: readonly string[]): string {
  const byLeader = new Map<string, string[]>()
  for (const name of names) {
    const leader = highest(items, name)
    if (leader) byLeader.set(leader.name, [...(byLeader.get(leader.name) ?? []), name])
  }
  const parts = [...byLeader].map(
    ([leader, metrics]) => `${leader} has the largest ${listed(metrics)}`,
  )
  return parts.length > 0 ? `${parts.join('; ')}.` : ''
}

/**
 * Says which model has the largest values at all cut-offs of a metric, and for which metrics that
 * changes.
 */
export function courseText(
  items: readonly StudiedModel[],
  families: readonly (readonly [string, readonly MetricName[]])[],
): string {
  const steady = new Map<string, string[]>()
  const changing: string[] = []
  for (const [family, members] of families) {
    const leaders = new Set(members.map(({ name }) => highest(items, name)?.name ?? ''))
    const [leader] = leaders
    if (leaders.size === 1) steady.set(leader, [...(steady.get(leader) ?? []), family])
    else changing.push(family)
  }
  const parts = [...steady].map(
    ([leader, metrics]) => `${leader} has the largest ${listed(metrics)} at every K`,
  )
  const change = `lead changes with K in ${listed(changing)}`
  if (changing.length > 0) parts.push(parts.length > 0 ? `the ${change}` : `The ${change}`)
  return `${parts.join('; ')}.`
}

function highest(items: readonly StudiedModel[], name: string): StudiedModel | undefined {
  const judged = items.filter((model) => hasValue(model, name))
  return judged.reduce<StudiedModel | undefined>(
    (a, b) => (a && a.evaluation.metrics[name] >= b.evaluation.metrics[name] ? a : b),
    undefined,
  )
}
