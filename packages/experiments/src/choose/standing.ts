import { compareReports } from '@gnnrec/eval'
import { readReport } from '../results/report-file.js'
import type { CompletedTrial } from '../results/trial-result.js'
import type { Contestant } from './contest.js'

/** The standing of a candidate against the one with the best value. */
export interface Standing {
  readonly contestant: Contestant
  /** Value of the candidate minus the best value, at most 0. */
  readonly difference: number
  /** 95 % interval of the difference, by a paired bootstrap over users. */
  readonly interval: readonly [low: number, high: number]
  /** True when the interval holds 0, so that chance alone may make the difference. */
  readonly isLevel: boolean
}

type Scored = Contestant & { readonly best: NonNullable<Contestant['best']> }

/**
 * Compares the best setting of each candidate with the best of all, user by user.
 *
 * @returns the candidates that have a value, in their order
 */
export async function standingsOf(
  contestants: readonly Contestant[],
  metric: string,
  folder: string,
): Promise<readonly Standing[]> {
  const scored = contestants.filter((each): each is Scored => each.best !== undefined)
  if (scored.length === 0) return []
  const first = scored.reduce((a, b) => (b.best.value > a.best.value ? b : a))
  const reference = await reportOf(first.best.result, folder)
  return Promise.all(
    scored.map(async (contestant) => {
      const report = await reportOf(contestant.best.result, folder)
      // Only the interval is read, so that the permutation test need not be exact.
      const settings = { metrics: [metric], permutations: 1 }
      const { metrics } = compareReports(report, reference, settings)
      const { difference, tests } = metrics[metric]
      // A metric with a value per user has tests.
      const interval = tests?.interval ?? [difference, difference]
      return { contestant, difference, interval, isLevel: interval[0] <= 0 && interval[1] >= 0 }
    }),
  )
}

/**
 * Returns the first of the candidates that are level with the best and lose at most a share of its value. Candidates
 * are listed with the cheapest first.
 */
export function cheapestLevel(
  standings: readonly Standing[],
  tolerance: number,
): Standing | undefined {
  const best = Math.max(...standings.map(({ contestant }) => contestant.best?.value ?? 0))
  return standings.find(({ isLevel, difference }) => isLevel && -difference <= tolerance * best)
}

function reportOf({ trial, report }: CompletedTrial, folder: string) {
  if (report === undefined) throw new Error(`The trial ${trial} has no report.`)
  return readReport(folder, report)
}
