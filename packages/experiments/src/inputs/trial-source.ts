import packageJson from '../../package.json' with { type: 'json' }
import { type CheckedExperiment, invalidExperiment } from '../definition/read-definition.js'
import { moduleDigest } from '../models/module-digest.js'
import type { Configuration, TrialSource } from '../plan/configurations.js'
import type { TrialInputs } from '../plan/trial.js'
import type { DatasetFacts } from './dataset-facts.js'
import { examine } from './examine.js'
import { warnOnce } from './training-warnings.js'

/** The needs of a run that decide what is examined. */
interface SourceNeeds {
  readonly allowModules: readonly string[]
  /** True when trials are judged on the test part. */
  readonly needsTest: boolean
}

/**
 * Examines the data and modules of an experiment, so that its trials can be named by their content.
 *
 * @returns undefined when the signal is aborted first
 * @throws InvalidOptionsError listing every mistake that data and modules show
 */
export async function trialSource(
  { definition, baseFolder }: CheckedExperiment,
  { allowModules, needsTest }: SourceNeeds,
  signal: AbortSignal,
): Promise<TrialSource | undefined> {
  const rules = { baseFolder, filesBelow: true, allowModules }
  // Read before modules run, so that a file that changes meanwhile is noticed by the trials.
  const digests = new Map<string, string>()
  for (const { module } of definition.models) {
    if (module !== undefined) digests.set(module, moduleDigest(module, rules))
  }
  try {
    const { problems, datasets } = await examine({ definition, rules, needsTest }, signal)
    for (const facts of datasets) if (facts) warnOnce(facts.splitHash, facts.warnings)
    if (problems.length > 0) throw invalidExperiment(problems)
    const inputsOf = ({ entry: { module }, dataset }: Configuration): TrialInputs => {
      const facts = datasets[definition.datasets.indexOf(dataset)] as DatasetFacts
      return {
        splitHash: facts.splitHash,
        ...(module !== undefined && { moduleDigest: digests.get(module) as string }),
        libraryVersion: packageJson.version,
      }
    }
    return { definition, baseFolder, inputsOf }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  }
}
