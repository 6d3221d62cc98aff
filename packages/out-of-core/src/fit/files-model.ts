import { InvalidOptionsError } from '@gnnrec/graph'
import { type ModelSettings, models } from '@gnnrec/models'
import { resolveModel } from '../models/resolve-model.js'
import type { OutOfCoreModelSettings } from '../models/resolved-model.js'

/**
 * Describes a model for training in files, or returns the reason why that is impossible.
 *
 * @throws InvalidOptionsError when the architecture is unknown
 */
export function filesModel({
  architecture,
  options,
}: ModelSettings): OutOfCoreModelSettings | string {
  const modelClass = models.get(architecture)
  const name = modelClass.architecture
  const names = models.names({ files: true })
  if (!names.some((each) => models.get(each) === modelClass)) {
    const refused = names.includes(name) ? `a class derived from ${name}` : name
    return `${refused} trains in memory only; in files ${names.join(', ')} do`
  }
  const settings = { architecture: name, options } as OutOfCoreModelSettings
  try {
    resolveModel(settings)
    return settings
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    return error.message.replace(/\.$/, '')
  }
}
