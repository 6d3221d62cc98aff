import { InvalidOptionsError } from '@gnnrec/graph'
import { resolveDgr } from './dgr.js'
import { resolveLayerGcn } from './layer-gcn.js'
import { resolveLightGcn } from './light-gcn.js'
import type { OutOfCoreModelSettings, ResolvedModel } from './resolved-model.js'

/**
 * Options are checked by the model itself, on a graph of one edge.
 *
 * @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks
 */
export function resolveModel({
  architecture,
  options = {},
}: OutOfCoreModelSettings): ResolvedModel {
  switch (architecture) {
    case 'LightGcn':
      return resolveLightGcn(options)
    case 'Dgr':
      return resolveDgr(options)
    case 'LayerGcn':
      return resolveLayerGcn(options)
    default:
      throw new InvalidOptionsError(
        `model: got the architecture ${JSON.stringify(architecture)}; expected 'LightGcn', 'LayerGcn' or 'Dgr'.`,
      )
  }
}
