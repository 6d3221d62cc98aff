import { BipartiteGraph } from '@gnnrec/graph'
import {
  BprMf,
  Dgr,
  Ease,
  Gcnii,
  Ials,
  ItemKnn,
  LayerGcn,
  LightGcn,
  Popularity,
  Random,
  SpectralFilter,
  SvdGcn,
  UserKnn,
} from '@gnnrec/models'
import { Recommender } from '@gnnrec/serving'
import type { Subject } from '../subject.js'
import { withListedDigests } from './digests.js'
import { digestOfJson, digestOfWeights, madeSplit } from './made-data.js'

/** The part of a model that these subjects need. */
interface SavedModel {
  save(folder: string): Promise<void>
  dispose(): void
}

/** Folders of saved models, read to answer from and to train further. */
export const modelFolderSubjects: readonly Subject[] = [
  served('model of embeddings', () => new LightGcn(graph(), { embeddingDim: 4, layers: 2 }), 2),
  served('model of popularity', () => new Popularity(graph())),
  served('model of random scores', () => new Random(graph(), { seed: 1 })),
  served('model of item similarity', () => new ItemKnn(graph(), { neighbours: 3 })),
  served('model of least squares', () => new Ials(graph(), { embeddingDim: 4, sweeps: 2 })),
  served('model of user similarity', () => new UserKnn(graph(), { neighbours: 3 })),
  served('model of dense item similarity', () => new Ease(graph())),
  served('model of a filter', () => new SpectralFilter(graph(), { filter: 'bspm', vectors: 3 })),
  trained('LightGCN to train on', LightGcn, { embeddingDim: 4, layers: 2 }, 3),
  trained('BPR-MF to train on', BprMf, { embeddingDim: 4 }),
  trained('SVD-GCN to train on', SvdGcn, { variant: 'M', embeddingDim: 4, rank: 3 }),
  trained('LayerGCN to train on', LayerGcn, { embeddingDim: 4, layers: 2 }),
  trained('GCNII to train on', Gcnii, { embeddingDim: 4, layers: 2 }),
  trained('DGR to train on', Dgr, { embeddingDim: 4, layers: 2 }),
]

function graph(): BipartiteGraph {
  return BipartiteGraph.fromInteractions(madeSplit().train)
}

function served(name: string, create: () => SavedModel, share = 1): Subject {
  return {
    name,
    share,
    mayBeOdd: true,
    make: (folder) => saved(create(), folder),
    pack: (files) => withListedDigests(files, 'model.json'),
    async read(folder) {
      const recommender = await Recommender.load(folder)
      const users = recommender.users.ids.slice(0, 3)
      const lists = users.map((user) => recommender.recommend(user, { k: 3 }))
      return digestOfJson(recommender.origin, recommender.users.ids, recommender.items.ids, lists)
    },
  }
}

interface TrainedClass {
  new (graph: BipartiteGraph, options: object): SavedModel
  load(source: string): Promise<
    SavedModel & {
      toRecommender(): Promise<Recommender>
      weights(): Promise<ReadonlyMap<string, { readonly data: ArrayLike<number> }>>
    }
  >
}

function trained(name: string, Model: TrainedClass, options: object, share = 1): Subject {
  return {
    name,
    share,
    mayBeOdd: true,
    make: (folder) => saved(new Model(graph(), options), folder),
    pack: (files) => withListedDigests(files, 'model.json'),
    async read(folder) {
      const model = await Model.load(folder)
      try {
        const recommender = await model.toRecommender()
        const list = recommender.recommend(recommender.users.ids[0], { k: 3 })
        return digestOfJson(list, await digestOfWeights(model))
      } finally {
        model.dispose()
      }
    },
  }
}

async function saved(model: SavedModel, folder: string): Promise<void> {
  await model.save(folder)
  model.dispose()
}
