import type { EvaluationReport } from '@gnnrec/eval'
import type { BipartiteGraph } from '@gnnrec/graph'

/** Means over some of the ranked users. */
export interface UserGroup {
  readonly users: number
  /** Of the metrics that have a value per user; none for a group without users. */
  readonly metrics: Readonly<Record<string, number>>
}

/** The ranked users with rows in train, and those without. */
export interface UserGroups {
  readonly warm: UserGroup
  readonly cold: UserGroup
}

/** Judges warm and cold users apart; undefined when all are warm. */
export function warmAndCold(
  { userIndices, perUser }: EvaluationReport,
  graph: BipartiteGraph,
): UserGroups | undefined {
  const isWarm = Array.from(userIndices, (user) => graph.userDegrees[user] > 0)
  if (isWarm.every(Boolean)) return undefined
  const group = (warm: boolean): UserGroup => ({
    users: isWarm.filter((each) => each === warm).length,
    metrics: Object.fromEntries(
      Object.entries(perUser).flatMap(([name, values]) => {
        // A metric may be undefined for a user.
        const own = values.filter((value, place) => isWarm[place] === warm && !Number.isNaN(value))
        return own.length > 0 ? [[name, own.reduce((a, b) => a + b, 0) / own.length]] : []
      }),
    ),
  })
  return { warm: group(true), cold: group(false) }
}
