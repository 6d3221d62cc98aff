import type { EpochRecord } from '../record/training-history.js'
import { brief } from './format.js'
import type { GuardedTraining } from './guarded-model.js'

/** A setting that may keep a model from learning. */
export interface BlamedSetting {
  readonly name: string
  /** Orders of magnitude by which it lies outside of what works. */
  readonly excess: number
  /** Text that says what it does and what to do. */
  readonly advice: string
}

/**
 * Names the setting that most likely keeps a model from learning: the one that lies the most orders of magnitude
 * outside of what works, or else the learning rate.
 *
 * @param records - complete epochs, at least one
 * @param rate - base learning rate of the last one
 * @param share - largest share of the base rate that the schedule has given
 */
export function blamedSetting(
  training: GuardedTraining,
  records: readonly EpochRecord[],
  rate: number,
  share: number,
): BlamedSetting {
  const candidates = [...ofOptimizer(training, records, rate, share), ...ofModel(training)]
  return candidates.reduce((worst, each) => (each.excess > worst.excess ? each : worst), {
    name: 'learningRate',
    excess: 0,
    advice: `learningRate: ${brief(rate)} is too low for this optimizer and so few steps; raise it, or train longer. If that does not help, the interactions may have nothing that tells items apart`,
  })
}

function ofOptimizer(
  { optimizer, clipNorm, clipValue, weightDecay }: GuardedTraining,
  records: readonly EpochRecord[],
  rate: number,
  share: number,
): BlamedSetting[] {
  const found: BlamedSetting[] = []
  const isSgd = optimizer.name === 'sgd'
  const add = (name: string, value: number, limit: number, is: 'below' | 'above', why: string) => {
    const excess = Math.log10(is === 'below' ? limit / value : value / limit)
    found.push({ name, excess, advice: `${name}: ${brief(value)} ${why}` })
  }
  add('learningRate', rate, isSgd ? 1e-4 : 1e-6, 'below', 'hardly changes the parameters; raise it')
  if (share < 1) {
    add(
      'schedule',
      share,
      1e-3,
      'below',
      'is the largest share of the learning rate so far; raise it',
    )
  }
  if (clipNorm !== undefined) {
    const norm = records.reduce((most, each) => Math.max(most, each.gradientNorm?.mean ?? 0), 0)
    // Adaptive optimizers scale gradients back, unless they are below their epsilon.
    const limit = isSgd ? norm / 1e3 : Math.min(norm / 1e3, 1e-5)
    const why = `cuts gradients, whose norm is about ${brief(norm)}, to almost nothing; raise it`
    add('clipNorm', clipNorm, limit, 'below', why)
  }
  if (clipValue !== undefined) {
    add('clipValue', clipValue, 1e-7, 'below', 'cuts gradients to almost nothing; raise it')
  }
  const epsilon = (optimizer as { readonly epsilon?: number }).epsilon
  if (epsilon !== undefined) {
    const why = 'is larger than the gradients that the optimizer divides by it; lower it'
    add('optimizer.epsilon', epsilon, 1e-3, 'above', why)
  }
  for (const [group, decay] of Object.entries(weightDecay)) {
    add(`weightDecay.${group}`, decay, 1, 'above', 'outweighs the data; lower it')
  }
  return found
}

function ofModel({ model }: GuardedTraining): BlamedSetting[] {
  const found: BlamedSetting[] = []
  const options = model.options
  const { loss, initialization = 'normal' } = options
  const add = (name: string, value: unknown, rule: (value: number) => number, why: string) => {
    if (typeof value !== 'number') return
    found.push({ name, excess: Math.log10(rule(value)), advice: `${name}: ${brief(value)} ${why}` })
  }
  add('l2Weight', options['l2Weight'], (value) => value, 'outweighs the data; lower it')
  if (initialization === 'normal') {
    const why = 'makes embeddings whose gradients are almost nothing; raise it'
    add('initialDeviation', options['initialDeviation'], (value) => 1e-6 / value, why)
    const large = 'makes scores that no step can change; lower it'
    add('initialDeviation', options['initialDeviation'], (value) => value / 10, large)
  }
  const { temperature } = (loss ?? {}) as { readonly temperature?: unknown }
  add('loss.temperature', temperature, (value) => value / 20, 'makes all scores alike; lower it')
  for (const name of ['dropout', 'edgeDropout', 'edgePruning']) {
    const why = 'leaves almost nothing to learn from; lower it'
    add(name, options[name], (value) => 0.05 / (1 - value), why)
  }
  return found
}
