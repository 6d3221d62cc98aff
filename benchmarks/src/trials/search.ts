import type { TrainingSettings } from '@gnnrec/models'
import type { Candidate } from './candidate.js'

/** Changes to settings that a search tries. */
type Change = Readonly<Record<string, unknown>> &
  Partial<Pick<TrainingSettings, 'learningRate' | 'weightDecay'>>

/**
 * A search in stages; each stage tries its changes on the best settings that earlier stages have
 * found.
 */
export interface Search {
  readonly start: Candidate
  readonly stages: readonly (readonly ((best: Candidate) => Candidate)[])[]
}

export function search(start: Candidate, ...stages: readonly (readonly Change[])[]): Search {
  const changed =
    (change: Change) =>
    ({ name, options, training }: Candidate): Candidate => {
      const { learningRate, weightDecay, ...others } = change
      return {
        name,
        options: { ...options, ...others },
        training: {
          ...training,
          ...(learningRate !== undefined && { learningRate }),
          ...(weightDecay !== undefined && { weightDecay }),
        },
      }
    }
  return { start, stages: stages.map((changes) => changes.map(changed)) }
}

/** Returns every combination of the values. */
export function grid<Axes extends Record<string, readonly unknown[]>>(
  axes: Axes,
): { [Axis in keyof Axes]: Axes[Axis][number] }[] {
  let combinations: Record<string, unknown>[] = [{}]
  for (const [axis, values] of Object.entries(axes)) {
    combinations = combinations.flatMap((combination) =>
      values.map((value) => ({ ...combination, [axis]: value })),
    )
  }
  return combinations as { [Axis in keyof Axes]: Axes[Axis][number] }[]
}

/**
 * Evaluates each candidate of a search once and returns the result of the candidate with the highest
 * value, the first one when several are equal.
 */
export async function runSearch<Judged extends { candidate: Candidate; value: number }>(
  { start, stages }: Search,
  judge: (candidate: Candidate) => Promise<Judged>,
): Promise<{ best: Judged; tried: number }> {
  const tried = new Set<string>()
  let best: Judged | undefined
  for (const stage of stages) {
    const base = best?.candidate ?? start
    for (const change of stage) {
      const candidate = change(base)
      const key = keyOf(candidate)
      if (tried.has(key)) continue
      tried.add(key)
      const judged = await judge(candidate)
      if (!best || judged.value > best.value) best = judged
    }
  }
  if (!best) throw new Error(`The search for ${start.name} has nothing to try.`)
  return { best, tried: tried.size }
}

/** Returns a key that is the same for the same settings in any order. */
function keyOf({ options, training }: Candidate): string {
  return JSON.stringify(
    Object.entries({ ...options, ...training }).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
