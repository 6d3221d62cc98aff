import { availableParallelism } from 'node:os'
import { type Choice, type ChooseProgress, choose, LocalPool } from '@gnnrec/experiments'
import type { Id } from '@gnnrec/graph'
import { models, UnknownPresetError } from '@gnnrec/models'
import { type FoundModel, refit } from '@gnnrec/train'
import { epochProgress } from './epoch-progress.js'
import type { PreparedEvents } from './prepare-events.js'
import type { CheckedTrainOptions, ModelRequest, TrainProgress } from './train-options.js'

/** A model and its settings, and what validation says of it. */
export interface FoundOnValidation {
  readonly found: FoundModel
  /** Value of the metric on the validation part; absent for a model that was taken as it is and computed. */
  readonly validation?: number
  /** The whole choice; absent when a model was taken as it is. */
  readonly choice?: Choice<Id, Id>
  /** Sentences about what was found. */
  readonly notes: readonly string[]
}

/** Seconds of a quick choice, unless others are asked for. */
const quickSeconds = 90
/** Seconds that a trial has to end when the time is over. */
const stopSeconds = 5
/** Most trials that run at a time unless more are asked for; each takes memory of its own. */
const mostParallel = 4
/** Number of evaluations of a training whose preset does not say how often it is judged. */
const usualEvaluations = 20

/** Finds the settings of the model on the validation part: by a choice, or by training the one that is asked for. */
export function findModel(
  prepared: PreparedEvents,
  options: CheckedTrainOptions,
): Promise<FoundOnValidation> {
  const { model } = options
  if (model === undefined) return chosenModel(prepared, options)
  const isRequest = typeof model === 'object' && 'model' in model
  return trainNamed(prepared, (isRequest ? model : { model }) as ModelRequest, options)
}

async function chosenModel(
  prepared: PreparedEvents,
  options: CheckedTrainOptions,
): Promise<FoundOnValidation> {
  const choice = await chooseModel(prepared, options)
  const { summary, chosen } = choice
  const validation = chosenValue(choice)
  return {
    found: chosen,
    ...(validation !== undefined && { validation }),
    choice,
    notes: [summary],
  }
}

/** Returns the value of the metric on the validation part that the chosen model has. */
export function chosenValue({ rows }: Pick<Choice<Id, Id>, 'rows'>): number | undefined {
  return rows.find(({ outcome }) => outcome === 'chosen')?.best?.value
}

/** Chooses a model on the validation part. */
export function chooseModel(
  { split, metric }: PreparedEvents,
  options: CheckedTrainOptions,
): Promise<Choice<Id, Id>> {
  const { candidates, effort, maxMemory, weights, seed, signal, onProgress } = options
  const usual = candidates || effort === 'thorough' ? Number.POSITIVE_INFINITY : quickSeconds
  const { seconds = usual } = options
  const parallel = options.parallel ?? Math.min(mostParallel, availableParallelism())
  return choose(split, {
    ...(candidates && { candidates }),
    effort,
    budget: {
      ...(Number.isFinite(seconds) && { seconds }),
      ...(maxMemory !== undefined && { memoryBytes: maxMemory }),
    },
    metric,
    weights,
    lowRatings: 'accept',
    seed,
    pool: new LocalPool({ parallel, stopSeconds }),
    ...(signal && { signal }),
    onProgress: (progress) => onProgress(choiceProgress(progress, metric)),
  })
}

async function trainNamed(
  { split, metric }: PreparedEvents,
  request: ModelRequest,
  { seed, weights, signal, onProgress }: CheckedTrainOptions,
): Promise<FoundOnValidation> {
  const found = { ...settingsOf(request, metric), seed }
  const { isTrained, isSeeded } = models.get(request.model).capabilities
  const name = models.get(request.model).architecture
  if (!isTrained) {
    // Computing it once here finds mistakes before the last fits, and they are cheap.
    const { model } = await refit(found, split, {
      weights,
      lowRatings: 'accept',
      ...(signal && { signal }),
    })
    const { options } = model
    model.dispose()
    const { seed: _seed, ...own } = options
    return { found: { ...found, options: isSeeded ? options : own }, notes: [`Model: ${name}.`] }
  }
  const {
    model,
    found: best,
    history,
  } = await refit(found, split, {
    metrics: [metric],
    weights,
    lowRatings: 'accept',
    ...(signal && { signal }),
    onEvent: epochProgress(onProgress, 'choose', name),
  })
  model.dispose()
  const validation = history?.bestValidation?.[metric]
  const epochs = `${history?.bestEpoch ?? 0} of ${history?.epochs.length ?? 0} epochs`
  const value = validation === undefined ? '' : `, with ${metric} ${validation.toFixed(4)}`
  return {
    found: best,
    ...(validation !== undefined && { validation }),
    notes: [`Model: ${name}. On the validation part it is best after ${epochs}${value}.`],
  }
}

/** Returns the settings of a model that is asked for by name, with those of its preset. */
function settingsOf(
  { model, preset, options, training }: ModelRequest,
  metric: string,
): FoundModel {
  const { isTrained } = models.get(model).capabilities
  const found = preset === undefined ? usualPreset(model) : models.preset(model, preset)
  const own = { ...found?.model, ...options }
  if (!isTrained) return { model, options: own, training: null }
  const settings = { ...found?.training, ...training }
  const { epochs = 120, evaluateEvery, earlyStopping } = settings
  return {
    model,
    options: own,
    training: {
      ...settings,
      evaluateEvery: evaluateEvery ?? Math.max(1, Math.floor(epochs / usualEvaluations)),
      ...(earlyStopping && { earlyStopping: { ...earlyStopping, metric } }),
    },
  }
}

function usualPreset(model: ModelRequest['model']) {
  for (const name of ['fast', 'recommended']) {
    try {
      return models.preset(model, name)
    } catch (error) {
      if (!(error instanceof UnknownPresetError)) throw error
    }
  }
  return undefined
}

function choiceProgress(progress: ChooseProgress, metric: string): TrainProgress {
  const name = [progress.model, progress.setting].filter(Boolean).join(', ')
  if (progress.type === 'start') return { stage: 'choose', message: `${name} …` }
  if (progress.type === 'epoch') {
    const { epoch, epochs } = progress
    return { stage: 'choose', message: `${name}: epoch ${epoch} of ${epochs}`, epoch, epochs }
  }
  const { value, reason, seconds } = progress
  const outcome = value === undefined ? `failed: ${reason}` : `${metric} ${value.toFixed(4)}`
  return { stage: 'choose', message: `${name}: ${outcome} (${seconds.toFixed(1)} s)` }
}
