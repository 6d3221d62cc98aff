import { InvalidOptionsError } from '@gnnrec/graph'
import type { OptimizerSettings } from '@gnnrec/models'
import { Adam } from './adam.js'
import type { Optimizer } from './optimizer.js'
import { Sgd } from './sgd.js'

/**
 * The optimiser that the data of a preset describes.
 *
 * @throws InvalidOptionsError when the name is unknown or a setting is misspelt or out of range
 */
export function optimizerFrom(settings: OptimizerSettings): Optimizer {
  const { name, ...options } = settings
  if (name === 'adam') return new Adam(options)
  if (name === 'sgd' && Object.keys(options).length === 0) return new Sgd()
  throw new InvalidOptionsError(
    `Got the optimizer ${JSON.stringify(settings)}; expected { name: 'adam', beta1?, beta2?, epsilon? } or { name: 'sgd' }.`,
  )
}
