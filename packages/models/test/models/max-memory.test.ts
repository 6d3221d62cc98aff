import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
import { BprMf, Dgr, Gcnii, GroupShuffle, LayerGcn, LightGcn, SvdGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

beforeAll(() => useBackend('cpu'))

const graph = BipartiteGraph.fromInteractions(
  fromRecords(Array.from({ length: 60 }, (_, i) => ({ user: i % 12, item: (i * 7) % 15 }))),
)
const nodes = graph.userCount + graph.itemCount
const embeddingDim = 8
const table = 4 * nodes * embeddingDim
const operators = 16 * graph.edgeCount
const propagating = { parameters: table, buffers: 0, operators, finalEmbeddings: table }

describe('maxMemory of models', () => {
  const cases = [
    {
      Model: BprMf,
      options: {},
      parts: { ...propagating, operators: 0, finalEmbeddings: 0 },
    },
    {
      Model: LightGcn,
      options: { layers: 0 },
      parts: { ...propagating, operators: 0, finalEmbeddings: 0 },
    },
    ...[LightGcn, LayerGcn, Dgr, Gcnii, GroupShuffle].map((Model) => {
      return { Model, options: {}, parts: propagating }
    }),
    {
      Model: SvdGcn,
      options: { variant: 'M', rank: 3 },
      parts: {
        parameters: 4 * 3 * embeddingDim,
        buffers: 4 * 3 * nodes,
        operators,
        finalEmbeddings: table,
      },
    },
  ]
  it.each(cases)('refuses $Model.architecture with what each part takes', (one) => {
    const { Model, options, parts } = one
    const total = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)
    const make = (maxMemory?: number) =>
      new (Model as typeof LightGcn)(graph, { ...options, embeddingDim, maxMemory } as object)
    let thrown: unknown
    try {
      make(total - 1)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'MODEL_TOO_LARGE', parts })
    expect((thrown as Error).message).toMatch(
      new RegExp(`${Model.architecture}: maxMemory: got ${total - 1} bytes; .* at least ${total} `),
    )
    const [limited, free] = [make(total), make()]
    expect(limited.options).toEqual(free.options)
    expect(limited.describe()).toEqual(free.describe())
    limited.dispose()
    free.dispose()
  })

  it('counts what is really made', () => {
    const model = new LightGcn(graph, { embeddingDim, maxMemory: 1e9 })
    expect(model.describe().parameterBytes).toBe(propagating.parameters)
    model.dispose()
    const spectral = new SvdGcn(graph, { rank: 3, maxMemory: 1e9 })
    const buffers = spectral.describe().tensors.filter(({ name }) => name.endsWith('Vectors'))
    expect(buffers.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(4 * 3 * nodes)
    spectral.dispose()
    expect(() => new SvdGcn(graph, { rank: 3, maxMemory: 100 })).toThrow(/svd-gcn: maxMemory/)
  })

  it('refuses what is no limit', () => {
    expect(() => new BprMf(graph, { maxMemory: 0 })).toThrow(/maxMemory/)
  })
})

describe('the memory of the machine', () => {
  afterEach(() => vi.restoreAllMocks())

  class WithBuffer extends BprMf {
    constructor() {
      super(graph, { embeddingDim })
      this.addBuffer('fixed', new Int32Array(nodes), [nodes])
    }
  }

  it.each([
    ['parameters', table, () => new BprMf(graph, { embeddingDim })],
    [
      'parameters of the objective',
      table + 4 * graph.itemCount,
      () => new BprMf(graph, { embeddingDim, loss: { name: 'bpr', itemBias: true } }),
    ],
    ['arrays that are not trained', table + 4 * nodes, () => new WithBuffer()],
    ['arrays that are computed', 4 * 3 * (nodes + 1), () => new SvdGcn(graph, { rank: 3 })],
  ])('is compared to all tensors of a model: %s', (_, bytes, make) => {
    const memory = vi.spyOn(process, 'constrainedMemory').mockReturnValue(bytes)
    make().dispose()
    memory.mockReturnValue(bytes - 1)
    expect(make).toThrow(
      expect.objectContaining({
        code: 'MODEL_TOO_LARGE',
        message: expect.stringContaining(`its tensors take at least ${bytes} bytes`),
      }),
    )
  })
})
