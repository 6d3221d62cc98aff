import type { EvaluationReport } from '@gnnrec/eval'
import type { BipartiteGraph } from '@gnnrec/graph'

/** The metrics of a group of users. */
interface UserGroup {
  /** Number of ranked users in the group. */
  readonly users: number
  /** Means of the metrics that have a value per user, by name; none for a group without users. */
  readonly metrics: Readonly<Record<string, number>>
}

/** The metrics of users with and without training interactions. */
export interface UserGroups {
  /** Users with training interactions. */
  readonly warm: UserGroup
  /** Users without training interactions. */
  readonly cold: UserGroup
}

/** Averages the metrics of warm and cold users apart; returns undefined when all users are warm. */
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
