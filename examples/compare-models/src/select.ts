import type { DatasetEntry, ExperimentDefinition, ModelEntry } from '@gnnrec/experiments'
import { InvalidOptionsError } from '@gnnrec/graph'

/** Parts of a study to keep. */
export interface Selection {
  readonly models?: readonly string[] | undefined
  readonly datasets?: readonly string[] | undefined
  readonly seeds?: readonly number[] | undefined
  readonly epochs?: number | undefined
  /** Number of settings that a search tries. */
  readonly trials?: number | undefined
}

/**
 * Returns a study, whose name errors tell, with some of its models, data sets and seeds, and fewer epochs.
 *
 * @throws InvalidOptionsError for a name that the study does not have
 */
export function select(
  study: string,
  definition: ExperimentDefinition,
  { models, datasets, seeds, epochs, trials }: Selection,
): ExperimentDefinition {
  check(study, '--models', models, definition.models.map(labelOf))
  check(study, '--datasets', datasets, definition.datasets.map(labelOf))
  const isKept = (kept: readonly string[] | undefined) => (entry: ModelEntry | DatasetEntry) =>
    kept === undefined || kept.includes(labelOf(entry))
  const sets = definition.datasets.filter(isKept(datasets)).map((entry) => {
    if (!seeds) return entry
    const { seeds: _, ...rest } = entry
    return rest
  })
  const names = sets.map(labelOf)
  const entries = definition.models.filter(isKept(models)).flatMap((entry) => {
    const own = entry.datasets?.filter((name) => names.includes(name))
    if (own === undefined) return [entry]
    return own.length > 0 ? [{ ...entry, datasets: own }] : []
  })
  const { search, ...rest } = definition
  return {
    ...rest,
    models: entries,
    datasets: sets,
    ...(seeds && { seeds }),
    ...(epochs !== undefined && { budget: { ...definition.budget, epochs } }),
    ...(search &&
      entries.some((entry) => entry.search) && { search: searchOf(search, entries, trials) }),
  }
}

type Search = NonNullable<ExperimentDefinition['search']>

/**
 * Returns a search with another number of settings. Without the model whose metric is kept there is no second choice.
 */
function searchOf(
  { keep, ...search }: Search,
  entries: readonly ModelEntry[],
  trials: number | undefined,
): Search {
  const isThere = entries.some((entry) => labelOf(entry) === keep?.of)
  return {
    ...search,
    ...(trials !== undefined && search.method !== 'grid' && { trials }),
    ...(keep && isThere && { keep }),
  } as Search
}

function check(
  study: string,
  option: string,
  names: readonly string[] | undefined,
  known: string[],
): void {
  for (const name of names ?? []) {
    if (known.includes(name)) continue
    throw new InvalidOptionsError(
      `${option}: the study '${study}' has no '${name}'; it has ${[...new Set(known)].join(', ')}.`,
    )
  }
}

function labelOf(entry: ModelEntry | DatasetEntry): string {
  return entry.label ?? ('model' in entry ? entry.model : entry.dataset)
}
