import { access, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { saveSplit } from '@gnnrec/data'
import { parseMetric } from '@gnnrec/eval'
import type { Id, InteractionTable, Split } from '@gnnrec/graph'
import { awaitCallback } from '@gnnrec/graph/kernels'
import { Recommender } from '@gnnrec/serving'
import type { ExperimentDefinition } from '../definition/experiment-definition.js'
import { checkExperiment } from '../definition/read-definition.js'
import { NothingChosenError } from '../errors.js'
import { trainingWarnings, warnOnce } from '../inputs/training-warnings.js'
import { savedModelFolder } from '../plan/trial-folder.js'
import { LocalPool } from '../pool/local-pool.js'
import { openRun } from '../runner/open-run.js'
import type { RunnerEvent } from '../runner/runner-events.js'
import type { RunParts } from '../runner/trial-runner.js'
import type { Choice, ChoiceRow } from './choice.js'
import {
  type CheckedChooseOptions,
  type ChooseOptions,
  resolveChooseOptions,
} from './choose-options.js'
import { progressOf } from './choose-progress.js'
import { Contest, type Contestant } from './contest.js'
import { summaryOf, tableOf } from './describe-choice.js'
import { cheapestLevel, type Standing, standingsOf } from './standing.js'

const checkpointSeconds = 30
const ratingsRemedy =
  "Keep those that speak for an item before you split (filterRating of @gnnrec/data), or pass lowRatings: 'accept' if every interaction is a positive."
const weightsRemedy = "Pass weights: 'counts' or 'log' to use them, or 'none' to leave them out."

/**
 * Chooses a model and its settings for a split: tries models of all kinds, each with a few settings, on the validation
 * part, and takes the cheapest of those that are level with the best. The test part is never read.
 *
 * First every computed model is fitted with its first setting. The further settings of those within a fifth of the best
 * value follow. Then the same is done with the models that are trained; a training that is below half of the best value
 * after a quarter of its epochs is ended. Each trial is a process; one that fails, or takes more memory than the
 * budget, is a row with its reason.
 *
 * A candidate is level with the best when the 95 % interval of their difference over users holds 0. Of the level ones
 * that lose no more than `tolerance`, the first in the list of candidates is chosen, which has the cheapest first.
 * Measured times and sizes are reported and decide nothing, so that the same split, seed and candidates give the same
 * choice, unless `budget.seconds` or `budget.memoryBytes` cuts it short.
 *
 * @throws InvalidOptionsError when an option, a candidate or the split is wrong, as one without a validation part
 * @throws NothingChosenError when no candidate has a value
 * @throws the reason of `signal` once it is aborted; with a `folder` the choice can be continued
 * @throws ExperimentLockedError when another run is using the folder
 * @throws ExperimentFolderError when the folder cannot be written
 *
 * @example
 * ```ts no-run
 * import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
 * import { choose, toMarkdown } from '@gnnrec/experiments'
 *
 * const { interactions } = await loadMovieTweetings()
 * const split = temporalSplit(interactions, { ratios: [0.7, 0.1, 0.2] })
 * const { chosen, recommender, summary, table } = await choose(split, { budget: { seconds: 120 } })
 * console.log(summary)
 * console.log(toMarkdown(table))
 * console.log(chosen.model, recommender.recommend(split.train.users.idOf(0), { k: 10 }).items)
 * ```
 */
export async function choose<User extends Id, Item extends Id>(
  split: Split<User, Item>,
  options: ChooseOptions = {},
): Promise<Choice<User, Item>> {
  const checked = resolveChooseOptions(split as Split<Id, Id>, options)
  checked.signal?.throwIfAborted()
  const remedies = {
    ...(checked.lowRatings === 'warn' && { lowRatings: ratingsRemedy }),
    ...(checked.weights === undefined && { weights: weightsRemedy }),
  }
  warnOnce(split.hash, trainingWarnings('choose', split.train as InteractionTable, remedies))
  if (checked.folder !== undefined) return chooseIn(resolve(checked.folder), split, checked)
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-choose-'))
  try {
    return await chooseIn(folder, split, checked)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function chooseIn<User extends Id, Item extends Id>(
  folder: string,
  split: Split<User, Item>,
  options: CheckedChooseOptions,
): Promise<Choice<User, Item>> {
  const { budget, metric, pool = new LocalPool(), onProgress } = options
  const ended = options.signal ?? new AbortController().signal
  const deadline = new AbortController()
  const clock =
    budget.seconds === undefined
      ? undefined
      : setTimeout(() => deadline.abort(), budget.seconds * 1000)
  try {
    const savedSplit = await savedIn(folder, split)
    const definition = definitionOf(options, savedSplit)
    const experiment = await checkExperiment(definition, folder)
    const settings = {
      folder,
      pool,
      skipExisting: true,
      retryFailed: true,
      checkpointSeconds,
      saveModels: false,
      allowModules: [],
      needsTest: false,
      reportsValidation: true,
      onEvent: async (event: RunnerEvent) => {
        const progress = progressOf(event, metric)
        if (progress) await awaitCallback('onProgress', () => onProgress(progress))
      },
    }
    const choice = await openRun(experiment, settings, ended, (parts) =>
      decide<User, Item>(parts, deadline.signal, options),
    )
    ended.throwIfAborted()
    if (!choice) throw new Error('The choice has no end.')
    return choice
  } finally {
    clearTimeout(clock)
  }
}

async function decide<User extends Id, Item extends Id>(
  parts: RunParts,
  deadline: AbortSignal,
  { metric, tolerance, budget, leftOut }: CheckedChooseOptions,
): Promise<Choice<User, Item> | undefined> {
  const signal = AbortSignal.any([parts.signal, deadline])
  const contest = new Contest({ ...parts, signal }, metric)
  const contestants = await contest.finish()
  if (parts.signal.aborted) return undefined
  const standings = await standingsOf(contestants, metric, parts.folder.path)
  const winner = cheapestLevel(standings, tolerance)
  if (!winner?.contestant.best) throw nothingChosen(contestants, metric, budget.seconds)
  const { trial, result } = winner.contestant.best
  const saved = await contest.save(trial, parts.signal)
  if (parts.signal.aborted) return undefined
  if (saved?.status !== 'completed') {
    throw new NothingChosenError(
      `${trial.model.label} was chosen, but could not be fitted again to be saved: ${saved?.failure.message ?? 'it was stopped'}.`,
    )
  }
  const model = savedModelFolder(trial, parts.folder.path)
  const { isComplete } = contest
  const rows = [
    ...contestants.map((each) => rowOf(each, standings, winner)),
    ...leftOut.map(({ model, settings, reason }): ChoiceRow => {
      const none = { tried: 0, settings, failures: [] }
      return { model, label: model, outcome: 'not-tried', ...none, cutShort: reason }
    }),
  ]
  return {
    chosen: {
      model: trial.model.name,
      label: trial.model.label,
      setting: trial.setting,
      options: result.settings.options,
      training: result.settings.training,
      ...(result.bestEpoch !== undefined && { bestEpoch: result.bestEpoch }),
      seed: trial.seed,
    },
    recommender: (await Recommender.load(model)) as unknown as Recommender<User, Item>,
    rows,
    metric,
    isComplete,
    summary: summaryOf(rows, metric, isComplete ? undefined : budget.seconds),
    table: tableOf(rows, metric),
  }
}

/** Saves the split for the processes of the trials, unless it is there. @returns the name of its folder */
async function savedIn<User extends Id, Item extends Id>(
  folder: string,
  split: Split<User, Item>,
): Promise<string> {
  const name = `split-${split.hash.slice(0, 16)}`
  const path = join(folder, name)
  try {
    await access(join(path, 'split.json'))
  } catch {
    await mkdir(path, { recursive: true })
    await saveSplit(split, path, { overwrite: true })
  }
  return name
}

function definitionOf(
  { candidates, metric, seed, budget, weights = 'none' }: CheckedChooseOptions,
  savedSplit: string,
): ExperimentDefinition {
  const { k } = parseMetric(metric)
  const others = k === undefined ? [] : [`recall@${k}`, `coverage@${k}`]
  const { memoryBytes } = budget
  return {
    name: 'choose',
    models: candidates,
    datasets: [{ dataset: 'split', savedSplit, weights }],
    seeds: [seed],
    protocol: {
      metrics: [...new Set([metric, ...others])],
      selection: metric,
      coldUsers: 'popularity',
    },
    budget: { ...(memoryBytes !== undefined && { megabytesPerTrial: memoryBytes / 2 ** 20 }) },
  }
}

function rowOf(
  contestant: Contestant,
  standings: readonly Standing[],
  winner: Standing,
): ChoiceRow {
  const { model, label, results, settings, best, cutShort, gaveUp } = contestant
  const failures = results.flatMap((result) =>
    result.status === 'failed' ? [{ setting: result.setting, reason: result.failure.message }] : [],
  )
  const row = {
    model,
    label,
    tried: results.length,
    settings,
    failures,
    ...(cutShort !== undefined && { cutShort }),
  }
  const standing = standings.find((each) => each.contestant === contestant)
  if (!best || !standing) {
    const isFailed = results.length > 0
    return { ...row, outcome: isFailed ? 'failed' : gaveUp ? 'given-up' : 'not-tried' }
  }
  const { result, value } = best
  const outcome = standing === winner ? 'chosen' : standing.isLevel ? 'level' : 'behind'
  return {
    ...row,
    outcome,
    best: {
      setting: result.setting,
      used: result.settings,
      value,
      validation: result.validation ?? {},
      difference: standing.difference,
      interval: standing.interval,
      ...(result.bestEpoch !== undefined && { bestEpoch: result.bestEpoch }),
      trainSeconds: result.trainSeconds,
      ...(result.peakRssMb !== undefined && { peakRssMb: result.peakRssMb }),
      ...(result.serving && { serving: result.serving }),
    },
  }
}

function nothingChosen(
  contestants: readonly Contestant[],
  metric: string,
  seconds: number | undefined,
): NothingChosenError {
  const reasons = contestants.map(({ label, results, cutShort }) => {
    const failed = results.find((result) => result.status === 'failed')
    const reason =
      failed?.status === 'failed' ? failed.failure.message : (cutShort ?? `${metric} has no value`)
    return `  - ${label}: ${reason}`
  })
  const remedy =
    seconds === undefined
      ? 'Choose other candidates, or another metric.'
      : `Give more than ${seconds} s of time, or fewer candidates.`
  return new NothingChosenError(
    `No candidate has a value of ${metric} on the validation part. ${remedy}\n${reasons.join('\n')}`,
  )
}
