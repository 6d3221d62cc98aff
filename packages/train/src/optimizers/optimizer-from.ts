import { InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import type { OptimizerSettings } from '@gnnrec/models'
import { Adagrad } from './adagrad.js'
import { Adam, AdamW, LazyAdam } from './adam.js'
import type { Optimizer } from './optimizer.js'
import { Sgd } from './sgd.js'

/**
 * Makes the optimizer that the data of a preset describes. `Trainer` does this by itself.
 *
 * @throws InvalidOptionsError when the name is unknown or a setting is misspelt or out of range
 *
 * @example
 * ```ts
 * import { optimizerFrom } from '@gnnrec/train'
 *
 * console.log(optimizerFrom({ name: 'adamw', beta1: 0.8 }).constructor.name) // AdamW
 * ```
 */
export function optimizerFrom(
  settings: OptimizerSettings,
): Optimizer & { readonly arraysPerParameter: number } {
  switch (settings.name) {
    case 'adam':
      return new Adam(withoutName(settings))
    case 'adamw':
      return new AdamW(withoutName(settings))
    case 'lazy-adam':
      return new LazyAdam(withoutName(settings))
    case 'sgd':
      return new Sgd(withoutName(settings))
    case 'adagrad':
      return new Adagrad(withoutName(settings))
    default:
      throw new InvalidOptionsError(
        `optimizer: got ${showValue(settings)}; expected { name: 'adam' }, or one of the names 'adamw', 'lazy-adam', 'adagrad' and 'sgd', with its options.`,
      )
  }
}

function withoutName<Settings extends { readonly name: string }>({
  name,
  ...options
}: Settings): Omit<Settings, 'name'> {
  return options
}
