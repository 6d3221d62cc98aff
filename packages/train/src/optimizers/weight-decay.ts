import { InvalidOptionsError } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'

/** The part of a model that weight decay reads. */
interface DecayingModel {
  readonly architecture: string
  describe(): {
    readonly tensors: readonly Pick<
      ReturnType<GraphModel['describe']>['tensors'][number],
      'name' | 'role'
    >[]
  }
}

/**
 * Turns weight decay by group into weight decay by parameter. A group is the first part of a parameter's
 * name: `conv` for `conv.0.weight`.
 *
 * @throws InvalidOptionsError when a group does not exist or is a table of embeddings: decay of a
 * whole table drives rarely sampled rows to zero, and the loss regularizes the batch's rows already
 */
export function weightDecayByParameter(
  model: DecayingModel,
  groups: Readonly<Record<string, number>>,
): ReadonlyMap<string, number> {
  const trained = model.describe().tensors.filter(({ role }) => role !== 'buffer')
  const groupOf = (name: string) => name.split('.')[0]
  const decay = new Map<string, number>()
  for (const [group, value] of Object.entries(groups)) {
    const members = trained.filter(({ name }) => groupOf(name) === group)
    if (members.length === 0) {
      const dense = trained.filter(({ role }) => role === 'dense').map(({ name }) => groupOf(name))
      const known = [...new Set(dense)].join(', ') || 'none'
      throw new InvalidOptionsError(
        `weightDecay: got the group '${group}'; the groups of ${model.architecture} that can decay: ${known}.`,
      )
    }
    for (const { name, role } of members) {
      if (role === 'embeddings') {
        throw new InvalidOptionsError(
          `weightDecay: got '${group}', a table of embeddings, whose decay would drive rarely sampled rows to zero; use l2Weight of the model, which acts on the rows of a batch.`,
        )
      }
      decay.set(name, value)
    }
  }
  return decay
}
