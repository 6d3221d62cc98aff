import type { IdMap } from '@gnnrec/graph'
import type { ModelTarget } from '@gnnrec/serving'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { FinalEmbeddings } from '../final-embeddings.js'
import type { ScoreRule } from '../model-contract.js'
import type { RecommenderModel } from '../registry/model-class.js'

/** The numbers of a model at one moment. */
interface ModelNumbers {
  /** Parameters and buffers by name. */
  readonly weights: ReadonlyMap<string, HostTensor>
  readonly final: FinalEmbeddings
  readonly scoreRule: ScoreRule
}

/**
 * Saves a model: weights to go on training, final embeddings to answer with, ids and seen items.
 *
 * @throws NonFiniteError when an embedding is NaN or infinite, before anything is written
 * @throws SerializationError when writing fails; what was there before stays readable
 */
export async function saveModel(
  target: ModelTarget,
  { architecture, options, splitHash, graph }: RecommenderModel,
  { weights, final, scoreRule }: ModelNumbers,
): Promise<void> {
  const { users, items, interactions } = graph
  // Models that are not saved do not need this part.
  const { checkFinite, writeModelFolder } = await import('@gnnrec/serving/model-folder')
  checkFinite('The embedding of user', final.userEmbeddings, final.embeddingDim, users)
  checkFinite('The embedding of item', final.itemEmbeddings, final.embeddingDim, items)
  if (final.itemBias) checkFinite('The bias of item', final.itemBias, 1, items)
  await writeModelFolder(target, {
    architecture,
    options,
    splitHash,
    users,
    items,
    seen: interactions,
    kind: 'embeddings',
    score: {
      ...scoreRule,
      itemBias: final.itemBias !== undefined,
      ...(final.foldIn && { foldIn: final.foldIn }),
    },
    ...(final.foldInTensors && { foldIn: final.foldInTensors }),
    weights: new Map(weights),
    serving: servedTensors(final, users, items),
  })
}

/** Returns the tensors of a model folder that answers are made from. */
function servedTensors(
  { embeddingDim, userEmbeddings, itemEmbeddings, itemBias }: FinalEmbeddings,
  users: IdMap,
  items: IdMap,
): Map<string, HostTensor> {
  return new Map<string, HostTensor>([
    ['users', { shape: [users.size, embeddingDim], data: userEmbeddings }],
    ['items', { shape: [items.size, embeddingDim], data: itemEmbeddings }],
    ...(itemBias ? [['itemBias', { shape: [items.size], data: itemBias }] as const] : []),
  ])
}
