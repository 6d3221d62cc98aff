import type { TrainingSettings } from '@gnnrec/models'
import type { Candidate, ModelName, ModelOptions } from './candidate.js'

/** Settings that a search tries in place of others. */
type Change<Name extends ModelName> = Partial<ModelOptions<Name>> &
  Partial<Pick<TrainingSettings, 'learningRate' | 'weightDecay'>>

/** Stages one after another: each tries its changes on the best that all before it have found. */
export interface Search {
  readonly start: Candidate
  readonly stages: readonly (readonly ((best: Candidate) => Candidate)[])[]
}

export function search<Name extends ModelName>(
  start: Candidate<Name>,
  ...stages: readonly (readonly Change<Name>[])[]
): Search {
  const changed =
    (change: Change<Name>) =>
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

/** Every combination of the values. */
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
 * Judges the candidates of a search, each once, and gives what belongs to the one of the highest value,
 * the first of several.
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

/** The same for the same settings, in whatever order they were put. */
function keyOf({ options, training }: Candidate): string {
  return JSON.stringify(
    Object.entries({ ...options, ...training }).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
