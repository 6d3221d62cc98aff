import { isFor, labelOf } from '../definition/check-definition.js'
import { checkModels } from '../definition/check-models.js'
import type { CheckedDataset, CheckedDefinition } from '../definition/definition-schema.js'
import { type DefinitionProblem, messageOf } from '../errors.js'
import type { ModuleRules } from '../models/module-rules.js'
import { trialDataset } from '../plan/configurations.js'
import { type SplitStep, splitOf } from '../trial/trial-split.js'
import { checkDataset } from './check-datasets.js'
import { type DatasetFacts, factsOf } from './dataset-facts.js'
import { trainingWarnings } from './training-warnings.js'

const ratingsRemedy =
  'State filter.minRating in the definition: the least rating that speaks for an item, or the lowest one to keep all.'
const weightsRemedy =
  "State weights in the definition: 'counts' or 'log' to use them, or 'none' to leave them out."

/** A definition whose data and modules are to be examined, as plain JSON. */
export interface InputsRequest {
  readonly definition: CheckedDefinition
  readonly rules: ModuleRules
  /** True when trials are judged on the test part, which then must have rows. */
  readonly needsTest: boolean
}

/** The outcome of an examination, as plain JSON. */
export interface ExaminedInputs {
  /** Mistakes in the definition that only its data and modules show. */
  readonly problems: readonly DefinitionProblem[]
  /** Facts about the data sets that a model is for, by position in the definition. */
  readonly datasets: readonly (DatasetFacts | null)[]
}

/**
 * Loads and splits all data sets of a definition, and makes its models on graphs of their sizes, so that
 * mistakes are known before anything is trained. This runs the code of modules.
 *
 * @throws the reason of `signal` once it is aborted
 */
export async function examineInputs(
  { definition, rules, needsTest }: InputsRequest,
  signal?: AbortSignal,
): Promise<ExaminedInputs> {
  const problems: DefinitionProblem[] = []
  const datasets: (DatasetFacts | null)[] = []
  for (const [place, dataset] of definition.datasets.entries()) {
    signal?.throwIfAborted()
    const isUsed = definition.models.some((entry) => isFor(entry, dataset))
    const found = isUsed ? await factsAt(definition, dataset, place, rules) : null
    if (found !== null && 'message' in found) problems.push(found)
    const facts = found !== null && 'splitHash' in found ? found : null
    datasets.push(facts)
    if (facts) problems.push(...checkDataset(definition, place, facts, needsTest))
  }
  signal?.throwIfAborted()
  if (problems.length === 0) {
    problems.push(...(await checkModels(definition, { rules, datasets, loadsModules: true })))
  }
  return { problems: distinct(problems), datasets }
}

async function factsAt(
  definition: CheckedDefinition,
  dataset: CheckedDataset,
  place: number,
  rules: ModuleRules,
): Promise<DatasetFacts | DefinitionProblem> {
  let step: SplitStep = 'load'
  try {
    const split = await splitOf(trialDataset(definition, dataset), rules, (next) => {
      step = next
    })
    // Who makes a split decides what its ratings mean.
    const isRated = dataset.savedSplit === undefined && dataset.filter?.minRating === undefined
    const remedies = {
      ...(isRated && { lowRatings: ratingsRemedy }),
      ...(dataset.weights === undefined && { weights: weightsRemedy }),
    }
    return factsOf(split, trainingWarnings(labelOf(dataset), split.train, remedies))
  } catch (error) {
    const path = pathOf(dataset, place, step)
    return { path, message: `${path.join('.')}: ${labelOf(dataset)}: ${messageOf(error)}` }
  }
}

/** Returns the place in the definition that a step of a data set is about. */
function pathOf(
  { csv, module, savedSplit, filter, split }: CheckedDataset,
  place: number,
  step: SplitStep,
): DefinitionProblem['path'] {
  const own = ['datasets', place]
  if (step === 'filter') return filter ? [...own, 'filter'] : own
  if (step === 'split') return split ? [...own, 'split'] : ['protocol', 'split']
  if (savedSplit !== undefined) return [...own, 'savedSplit']
  return [...own, csv ? 'csv' : module === undefined ? 'dataset' : 'module']
}

function distinct(problems: readonly DefinitionProblem[]): DefinitionProblem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}
