import type { EpochRecord } from '../record/training-history.js'
import { type BlamedSetting, blamedSetting } from './blamed-setting.js'
import { type DataGradient, dependsOnData } from './data-gradient.js'
import { brief, percent } from './format.js'
import type { Guard, Suspicion } from './guard.js'
import type { Inspection } from './inspection.js'
import { changeBetween, sketchOf } from './parameter-sketch.js'

/** Change of the parameters by the end of training, as a share of their size, that is too small to learn anything. */
const noChange = 3e-5
/** Change that is too small as well, which is said after {@link someEpochs}. */
const smallChange = 1e-2
const someEpochs = 10
/** Gradient of the regularizer, as a multiple of that of the data, with which only the regularizer acts. */
const mostOutweighing = 100
/** The same where the loss says so as well: with random pairs, a part of the regularizer counts as data. */
const mostBesideHeavyLoss = 3
/** Share of the first loss by which a loss that moves falls. */
const leastFall = 0.01
/** Share of the loss of exchanged positives and negatives that the loss of a model that has learnt is below. */
const chance = 0.75

/**
 * Finds that the loss has not moved, and names the setting that is most likely to blame: the parameters will have
 * changed by next to nothing at the end of training, or the regularizer outweighs the data, or the loss stays where
 * it was and does not depend on which items are the positives.
 */
export const unmovedLoss: Guard = {
  code: 'unmoved-loss',
  async examine(inspection) {
    const { records = [], epoch } = inspection.at
    const { schedule } = inspection.settings
    const first = records[0]
    if (!first || epoch <= (schedule.warmupEpochs ?? 0)) return undefined
    const gradient = await inspection.dataGradient()
    const heavy = gradient && outweighed(inspection, gradient, first)
    if (heavy) return heavy
    // What is wrong then is said by the guard of that gradient.
    if (gradient && !dependsOnData(gradient)) return undefined
    const isAtChance = gradient !== undefined && gradient.loss >= chance * gradient.swappedLoss
    const unmoved = await unmovedParameters(inspection, records, isAtChance)
    // A look at the end that is not due must not count for a training that goes on for longer.
    if (unmoved || inspection.state.lastCheck?.epoch !== epoch) return unmoved
    return lastingLoss(inspection, records, isAtChance)
  },
}

/** Returns true when l2Weight outweighs the data by far, so that the model's code is not to blame. */
export function isOutweighed(inspection: Inspection, gradient: DataGradient): boolean {
  const first = inspection.at.records?.[0]
  return first !== undefined && outweighed(inspection, gradient, first) !== undefined
}

function outweighed(
  { settings }: Inspection,
  { data, rest }: DataGradient,
  { loss, lossTerms }: EpochRecord,
): Suspicion | undefined {
  const l2Weight = settings.model.options['l2Weight']
  if (typeof l2Weight !== 'number' || l2Weight <= 0) return undefined
  const l2 = l2Weight * (lossTerms['l2'] ?? 0)
  const isHeavy = l2 > mostOutweighing * Math.abs(loss - l2)
  const limit = isHeavy ? mostBesideHeavyLoss : mostOutweighing
  // All embeddings may be zero by now, and have no gradient any more.
  const acts = rest === 0 || rest > limit * data
  if (!acts || (!isHeavy && l2Weight < 1)) return undefined
  const found =
    rest === 0
      ? 'all embeddings have gone to zero'
      : `the gradient of the regularizer is ${data > 0 ? `${brief(rest / data)} times that of the data` : 'all that is left'}`
  return {
    message: `The loss has not moved, but for its L2 term: ${found}. Most likely to blame is l2Weight: ${brief(l2Weight)} outweighs the data; lower it (the presets have at most 0.03).`,
    values: { data, rest, l2Weight },
  }
}

async function unmovedParameters(
  inspection: Inspection,
  records: readonly EpochRecord[],
  isAtChance: boolean,
): Promise<Suspicion | undefined> {
  const { state, settings, at } = inspection
  const { epochs, schedule } = settings
  if (!state.start) return undefined
  const pace = paceOf(inspection, records)
  if (!pace) return undefined
  let largest = 0
  const samples = await inspection.samples()
  const sizes = Object.values(state.start).map(({ size }) => size)
  for (const sample of samples) {
    const before = state.start[sample.name]
    if (!before) return undefined
    // A parameter that starts at zero is measured by the others.
    const size = Math.max(before.size, 1e-3 * Math.max(...sizes))
    if (size === 0) return undefined
    largest = Math.max(largest, changeBetween(before, sketchOf(sample)) / size)
  }
  const expected = largest * pace.growth
  const { advice, excess } = blame(inspection, records)
  // A model that has been trained before may need no more than a small change.
  const isSuspicious = isAtChance || excess > 0
  const isPatient = isSuspicious && at.epoch - (schedule.warmupEpochs ?? 0) >= someEpochs
  if (!(expected < (isPatient ? smallChange : noChange))) return undefined
  return {
    message: `The loss has not moved, and cannot: the parameters have changed by ${percent(largest)} of their size in ${at.epoch} of ${epochs} epochs. Most likely to blame is ${advice}.`,
    values: { change: largest, expected },
  }
}

/** Computes how many times as far as by now the parameters may get by the end; undefined where rates say nothing. */
function paceOf(
  { settings, at }: Inspection,
  records: readonly EpochRecord[],
): { readonly growth: number } | undefined {
  const { epochs, schedule } = settings
  const rates = records.map(({ learningRate }) => learningRate)
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  const { share, rate } = baseOf({ settings, at }, records)
  const ahead: number[] = [0]
  const stepsPerEpoch = Math.max(1, records.at(-1)?.steps ?? 1)
  for (let epoch = at.epoch; epoch < epochs; epoch += Math.max(1, Math.floor(epochs / 50))) {
    ahead.push(
      rate * schedule({ epoch, step: stepsPerEpoch - 1, epochs, stepsPerEpoch }, noHistory),
    )
  }
  const most = Math.max(...ahead)
  if (mean === 0) return most === 0 && share === 0 ? { growth: 1 } : undefined
  return { growth: (epochs / at.epoch) * Math.max(1, most / mean) }
}

const noHistory = { mode: 'max', evaluations: [] } as const

/** Returns the base rate, and the largest share of it that the schedule has given. */
function baseOf(
  { settings }: Pick<Inspection, 'settings' | 'at'>,
  records: readonly EpochRecord[],
): { readonly rate: number; readonly share: number } {
  const { epochs, schedule, learningRate } = settings
  const shares = records.map(({ epoch, steps }) => {
    const stepsPerEpoch = Math.max(1, steps)
    return schedule({ epoch: epoch - 1, step: stepsPerEpoch - 1, epochs, stepsPerEpoch }, noHistory)
  })
  const last = shares.at(-1) ?? 1
  const rate = last > 0 ? (records.at(-1)?.learningRate ?? learningRate) / last : learningRate
  return { rate, share: shares.reduce((most, each) => Math.max(most, each)) }
}

function blame(inspection: Inspection, records: readonly EpochRecord[]): BlamedSetting {
  const { rate, share } = baseOf(inspection, records)
  return blamedSetting(inspection.settings, records, rate, share)
}

function lastingLoss(
  inspection: Inspection,
  records: readonly EpochRecord[],
  isAtChance: boolean,
): Suspicion | undefined {
  const { settings } = inspection
  const [first, ...later] = records.map((record) => ofData(record, settings.model.options))
  const least = later.reduce((lowest, each) => Math.min(lowest, each), Infinity)
  const isFlat = later.length > 0 && !(least < first - leastFall * Math.abs(first))
  if (!inspection.hasLasted('unmoved-loss', isFlat && isAtChance)) return undefined
  if (inspection.validation()?.isRising(settings.guards.afterEpochs['unmoved-loss'])) {
    return undefined
  }
  const { advice } = blame(inspection, records)
  return {
    message: `The loss has not moved: it was ${first.toPrecision(5)} in the first epoch, ${least.toPrecision(5)} at best since, and is the same when positives and negatives exchange their roles. Most likely to blame is ${advice}.`,
    values: { first, least },
  }
}

/** Returns the part of a loss that depends on the data: all but L2. */
function ofData(
  { loss, lossTerms }: EpochRecord,
  { l2Weight }: Readonly<Record<string, unknown>>,
): number {
  return loss - (typeof l2Weight === 'number' ? l2Weight : 0) * (lossTerms['l2'] ?? 0)
}
