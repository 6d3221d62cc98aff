import { type Batch, type BipartiteGraph, truncatedSvd } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import type { Pairs } from '../../src/svd-gcn/pair-sampler.js'
import { SvdGcn } from '../../src/svd-gcn/svd-gcn.js'
import type { SvdGcnOptions } from '../../src/svd-gcn/svd-gcn-options.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, largest } from '../support/compare.js'
import { describeFixtures } from '../support/fixture-suite.js'
import { type FixtureTensor, fixturesOf } from '../support/fixtures.js'
import { type Edge, graphOf, owned } from '../support/graphs.js'
import { output } from '../support/training.js'

interface PairLists {
  readonly userPositives?: number[]
  readonly userNegatives?: number[]
  readonly userTermMask?: number[]
  readonly itemPositives?: number[]
  readonly itemNegatives?: number[]
  readonly itemTermMask?: number[]
}

/** SvdGcn with given singular vectors and pairs. */
class WithGivenParts extends SvdGcn {
  readonly #tensors: Readonly<Record<string, FixtureTensor>>
  readonly #pairs: PairLists

  constructor(
    graph: BipartiteGraph,
    options: SvdGcnOptions,
    tensors: Readonly<Record<string, FixtureTensor>>,
    pairs: PairLists,
  ) {
    super(graph, options)
    this.#tensors = tensors
    this.#pairs = pairs
  }

  protected override async computeOnce(): Promise<void> {
    const { X, sigma, Y } = this.#tensors as Record<'X' | 'sigma' | 'Y', FixtureTensor>
    this.setBuffer('userVectors', Float32Array.from(X.data))
    this.setBuffer('singularValues', Float32Array.from(sigma.data))
    this.setBuffer('itemVectors', Float32Array.from(Y.data))
  }

  protected override drawPairs(_batch: Batch): { users?: Pairs; items?: Pairs } {
    const given = this.#pairs
    const { userPositives, userNegatives, userTermMask } = given
    const { itemPositives, itemNegatives, itemTermMask } = given
    return {
      ...(userTermMask && { users: pairsOf(userTermMask, userPositives, userNegatives) }),
      ...(itemTermMask && { items: pairsOf(itemTermMask, itemPositives, itemNegatives) }),
    }
  }
}

function pairsOf(mask: number[], positives: number[] = [], negatives: number[] = []): Pairs {
  const places = mask.flatMap((kept, place) => (kept ? [place] : []))
  const pick = (from: number[]) => Int32Array.from(places, (place) => from[place] as number)
  return {
    places: Int32Array.from(places),
    positives: pick(positives),
    negatives: pick(negatives),
  }
}

interface Parameters {
  readonly variant: 'B' | 'U' | 'I' | 'M'
  readonly alpha: number
  readonly rank: number
  readonly beta: number
  readonly dim: number
  readonly coefUser: number
  readonly coefItem: number
  readonly reg: number
  readonly batchSize: number
}

const parametersOf = ({ params }: { params: unknown }) => params as Parameters

/** Our names of the terms of fixtures. */
const terms: Readonly<Record<string, string>> = {
  bprSum: 'bpr',
  userTermSum: 'userPairs',
  itemTermSum: 'itemPairs',
  l2Sum: 'l2',
  bpr: 'bpr',
  regularisation: 'l2',
}

describeFixtures({
  model: 'svd-gcn',
  count: 4,
  parameters: { W: 'weight' },
  create(graph, fixture) {
    const { variant, alpha, rank, beta, dim, coefUser, coefItem, reg } = parametersOf(fixture)
    const options: SvdGcnOptions = {
      variant,
      rank,
      degreeRegularization: alpha,
      filterExponent: beta,
      embeddingDim: dim,
      userPairWeight: coefUser,
      itemPairWeight: coefItem,
      l2Weight: 2 * reg,
    }
    const batch = (fixture as unknown as { batch: PairLists }).batch
    return new WithGivenParts(graph, options, fixture.tensors, batch)
  },
  terms,
  scale(term, fixture) {
    const samples = term.endsWith('Sum') ? parametersOf(fixture).batchSize : 1
    const half = terms[term] === 'l2' ? 0.5 : 1
    return half / samples
  },
  isLeftOut(term, fixture) {
    const { coefUser, coefItem } = parametersOf(fixture)
    return (term === 'userTermSum' && coefUser === 0) || (term === 'itemTermSum' && coefItem === 0)
  },
})

interface SvdFixture {
  readonly case: string
  readonly kind: string
  readonly graph: { users: number; items: number; edges: Edge[] }
  readonly params: { readonly alpha: number; readonly rank: number; readonly beta: number }
  readonly expected: {
    readonly normalisedMatrix: FixtureTensor
    readonly singularValues: number[]
    readonly scores: FixtureTensor
    readonly userProjector: FixtureTensor
    readonly itemProjector: FixtureTensor
    readonly rankKReconstruction: FixtureTensor
  }
}

const svdFixtures = (fixturesOf('svd-gcn') as unknown as SvdFixture[]).filter(
  ({ kind }) => kind === 'svd',
)

it('has 4 fixtures of SVD-GCN-S', () => {
  expect(svdFixtures).toHaveLength(4)
})

for (const { case: name, graph: list, params, expected } of svdFixtures) {
  const { alpha, rank, beta } = params

  describe(`the decomposition of ${name}`, () => {
    it('has the singular values, projectors and reconstruction', async () => {
      const a = graphOf(list).biadjacency({ regularization: alpha })
      const { u, s, v } = await truncatedSvd(a, { rank, tolerance: 1e-9 })
      expectClose(s, expected.singularValues, 1e-7)
      expectClose(product(u, u, rank), expected.userProjector.data, 1e-5)
      expectClose(product(v, v, rank), expected.itemProjector.data, 1e-5)
      const scaled = u.map((value, at) => value * (s[at % rank] as number))
      expectClose(product(scaled, v, rank), expected.rankKReconstruction.data, 1e-5)
    })
  })

  describeEachBackend(`SvdGcn of variant S on ${name}`, () => {
    it('gives the scores X diag(exp(2βσ)) Yᵀ', async () => {
      const graph = graphOf(list)
      const model = owned(
        new SvdGcn(graph, { rank, degreeRegularization: alpha, filterExponent: beta }),
      )
      await model.prepare()
      const { users, items } = output(model)
      const { data } = expected.scores
      expectClose(product(users, items, rank), data, 1e-4 * largest(data))
    })
  })
}

/** a bᵀ of two row-major matrices. */
function product(a: Float32Array, b: Float32Array, columns: number): Float64Array {
  const [rows, others] = [a.length / columns, b.length / columns]
  return Float64Array.from({ length: rows * others }, (_, place) => {
    const [row, other] = [Math.floor(place / others) * columns, (place % others) * columns]
    let sum = 0
    for (let c = 0; c < columns; c++) sum += (a[row + c] as number) * (b[other + c] as number)
    return sum
  })
}
