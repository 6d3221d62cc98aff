import { InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import { models } from '@gnnrec/models'
import { resolveDgr } from './dgr.js'
import { resolveLayerGcn } from './layer-gcn.js'
import { resolveLightGcn } from './light-gcn.js'
import type { OutOfCoreModelSettings, ResolvedModel } from './resolved-model.js'

/** Ways to train in files, by model; those that the registry calls able to. */
const resolvers = {
  'light-gcn': resolveLightGcn,
  dgr: resolveDgr,
  'layer-gcn': resolveLayerGcn,
} as const

/**
 * Checks the options of a model on a graph of one edge.
 *
 * @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks
 */
export function resolveModel({
  architecture,
  options = {},
}: OutOfCoreModelSettings): ResolvedModel {
  if (Object.hasOwn(resolvers, architecture)) return resolvers[architecture](options)
  const names = models.names({ files: true }).join(', ')
  throw new InvalidOptionsError(
    `model: got the architecture ${showValue(architecture)}; expected one of ${names}.`,
  )
}
