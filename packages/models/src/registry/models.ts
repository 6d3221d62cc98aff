import { BprMf } from '../bpr-mf/bpr-mf.js'
import { Dgr } from '../dgr/dgr.js'
import { Ease } from '../ease/ease.js'
import { Gcnii } from '../gcnii/gcnii.js'
import { GroupShuffle } from '../group-shuffle/group-shuffle.js'
import { Ials } from '../ials/ials.js'
import { ItemKnn } from '../item-knn/item-knn.js'
import { LayerGcn } from '../layer-gcn/layer-gcn.js'
import { LightGcn } from '../light-gcn/light-gcn.js'
import { Popularity } from '../popularity/popularity.js'
import { Random } from '../random/random.js'
import { Rp3Beta } from '../rp3-beta/rp3-beta.js'
import { Sansa } from '../sansa/sansa.js'
import { Slim } from '../slim/slim.js'
import { SpectralFilter } from '../spectral-filter/spectral-filter.js'
import { SvdGcn } from '../svd-gcn/svd-gcn.js'
import { UserKnn } from '../user-knn/user-knn.js'
import { ModelRegistry } from './model-registry.js'

/**
 * The models and baselines of this package, by name.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { models } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(fromRecords([{ user: 'ann', item: 'Alien' }]))
 * const { model: options } = models.preset('light-gcn', 'paper')
 * const model = models.create(graph, { architecture: 'light-gcn', options })
 * console.log(model.options, models.names({ isTrained: false }))
 * ```
 */
export const models = /* @__PURE__ */ new ModelRegistry([
  Popularity,
  ItemKnn,
  UserKnn,
  Rp3Beta,
  Slim,
  SpectralFilter,
  Ease,
  Sansa,
  Ials,
  Random,
  BprMf,
  LightGcn,
  Gcnii,
  Dgr,
  SvdGcn,
  LayerGcn,
  GroupShuffle,
])
