import { printableText, Rng } from '@gnnrec/graph'
import type { CheckedModel, CheckedSearch } from '../definition/definition-schema.js'
import type { JsonValue } from '../definition/experiment-definition.js'
import type { SettingChoice } from '../plan/configurations.js'
import { canonicalJson } from '../plan/trial.js'

type CheckedSpace = NonNullable<CheckedModel['search']>
type Values = CheckedSpace['options'][string]

/** An option or training setting and its possible values. */
interface Axis {
  readonly part: 'options' | 'training'
  readonly key: string
  readonly values: Values
}

/** Most settings that a value is tried in. */
const mostCompanions = 64
/** Draws per wanted candidate after which the space counts as exhausted. */
const drawsPerCandidate = 100

/**
 * Lists the candidates of a search: all combinations of a grid, or combinations drawn from the seed,
 * each once. A space with fewer combinations gives those that it has. Each option has draws of its own,
 * so that they depend neither on the order of the options nor on the others.
 *
 * @param stream - name of the model and data set, so that each has draws of its own
 */
export function candidatesOf(
  entry: CheckedModel,
  search: CheckedSearch,
  stream: string,
): SettingChoice[] {
  const axes = axesOf(entry.search as CheckedSpace)
  if (search.method === 'grid') return grid(axes)
  const rng = Rng.fromSeed(search.seed).fork(stream)
  const streams = axes.map(({ part, key }) => rng.fork(`${part}/${key}`))
  const candidates = new Map<string, SettingChoice>()
  const wanted = Math.min(search.trials, sizeOf(axes))
  for (let draw = 0; draw < wanted * drawsPerCandidate; draw++) {
    if (candidates.size === wanted) break
    const candidate = choiceOf(
      axes.map((axis, place) => [axis, drawn(axis.values, streams[place])] as const),
    )
    const key = canonicalJson(candidate)
    if (!candidates.has(key)) candidates.set(key, candidate)
  }
  return [...candidates.values()]
}

/** Returns the number of combinations of a space; infinite for a range of numbers. */
function sizeOf(axes: readonly Axis[]): number {
  return axes.reduce((product, { values }) => {
    if (Array.isArray(values)) return product * values.length
    return product * (values.integer ? values.max - values.min + 1 : Number.POSITIVE_INFINITY)
  }, 1)
}

/** A candidate to check a space with, and the option or setting in which it differs from the first one. */
export interface Probe {
  readonly setting: SettingChoice
  readonly varied?: Pick<Axis, 'part' | 'key'>
  /**
   * All settings of the space that have the varied value. Undefined when there are more than
   * {@link mostCompanions}, or another option has a range.
   */
  readonly companions?: readonly SettingChoice[] | undefined
}

/**
 * Returns candidates that have every value of a space, or both ends of a range: the first one, and those
 * that differ from it in one option.
 */
export function probesOf(entry: CheckedModel): Probe[] {
  const axes = axesOf(entry.search as CheckedSpace)
  const first = axes.map((axis) => [axis, endsOf(axis)[0]] as const)
  const companionsOf = (axis: Axis, value: JsonValue) => {
    const fixed = axes.map((each) =>
      each === axis ? { ...axis, values: [value] as Values } : each,
    )
    const isSmall =
      fixed.every(({ values }) => Array.isArray(values)) && sizeOf(fixed) <= mostCompanions
    return isSmall ? grid(fixed) : undefined
  }
  const others = axes.flatMap((axis, place) =>
    endsOf(axis)
      .slice(1)
      .map((value) => ({
        setting: choiceOf(first.map((pair, at) => (at === place ? [axis, value] : pair))),
        varied: axis,
        companions: companionsOf(axis, value),
      })),
  )
  return [{ setting: choiceOf(first) }, ...others]
}

function endsOf({ values }: Axis): readonly JsonValue[] {
  return Array.isArray(values) ? values : [values.min, values.max]
}

function axesOf({ options, training }: CheckedSpace): Axis[] {
  const axes = (part: Axis['part'], values: CheckedSpace['options']) =>
    Object.entries(values).map(([key, values]) => ({ part, key, values }))
  return [...axes('options', options), ...axes('training', training)]
}

function grid(axes: readonly Axis[]): SettingChoice[] {
  let combinations: (readonly [Axis, JsonValue])[][] = [[]]
  for (const axis of axes) {
    combinations = combinations.flatMap((combination) =>
      (axis.values as JsonValue[]).map((value) => [...combination, [axis, value] as const]),
    )
  }
  return combinations.map(choiceOf)
}

function drawn(values: Values, rng: Rng): JsonValue {
  if (Array.isArray(values)) return values[rng.integer(values.length)]
  const { min, max, scale, integer } = values
  const [low, high] = scale === 'log' ? [Math.log(min), Math.log(max)] : [min, max]
  // Rounding would make the two ends of a range of integers half as likely as the others.
  if (integer && scale === 'linear') return min + rng.integer(max - min + 1)
  const value = low + (high - low) * rng.uniform()
  const raw = scale === 'log' ? Math.exp(value) : value
  if (integer) return Math.round(raw)
  // Six digits distinguish settings and are readable.
  return Math.min(max, Math.max(min, Number(raw.toPrecision(6))))
}

function choiceOf(chosen: readonly (readonly [Axis, JsonValue])[]): SettingChoice {
  const part = (name: Axis['part']) =>
    Object.fromEntries(
      chosen.filter(([axis]) => axis.part === name).map(([{ key }, value]) => [key, value]),
    )
  const label = chosen.map(([{ key }, value]) => `${key} ${shown(value)}`).join(', ')
  return { label, options: part('options'), training: part('training') }
}

function shown(value: JsonValue): string {
  return printableText(typeof value === 'string' ? value : JSON.stringify(value))
}
