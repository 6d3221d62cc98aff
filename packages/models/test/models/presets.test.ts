import { useBackend } from '@gnnrec/graph/ops'
import { beforeAll, expect, it } from 'vitest'
import {
  BprMf,
  Dgr,
  Gcnii,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  preset,
  presets,
  UnknownPresetError,
} from '../../src/index.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

it('are the official settings and those found on validation', () => {
  expect(presets).toMatchSnapshot()
})

const classes = {
  bprMf: BprMf,
  lightGcn: LightGcn,
  dgr: Dgr,
  gcnii: Gcnii,
  layerGcn: LayerGcn,
  groupShuffle: GroupShuffle,
}

it('make models, all of them', () => {
  const graph = graphOf(smallGraph)
  const named: [keyof typeof classes, string][] = [
    ...(Object.keys(classes) as (keyof typeof classes)[]).flatMap(
      (model): [keyof typeof classes, string][] => [
        [model, 'predecessor'],
        [model, 'predecessorOriginal'],
      ],
    ),
    ['bprMf', 'paper'],
    ['lightGcn', 'recommended'],
    ['dgr', 'paper'],
    ['gcnii', 'default'],
    ['gcnii', 'linear'],
    ['groupShuffle', 'default'],
    ...['mooc', 'games', 'food', 'yelp'].map((set): ['layerGcn', string] => [
      'layerGcn',
      `paper.${set}`,
    ]),
  ]
  for (const [model, name] of named) {
    const { model: options } = preset(model, name)
    expect(owned(new classes[model](graph, options)).options).toMatchObject(options)
  }
})

it('that do not exist are refused with those that do', () => {
  expect(() => preset('groupShuffle', 'paper')).toThrow(UnknownPresetError)
  expect(() => preset('groupShuffle', 'paper')).toThrow(
    "groupShuffle has no preset 'paper'; it has default, predecessor, predecessorOriginal.",
  )
  expect(() => preset('gcnii', 'paper')).toThrow(/it has default, linear, predecessor/)
  expect(() => preset('layerGcn', 'paper')).toThrow(/it has paper\.mooc, paper\.games/)
  expect(() => preset('lightGcn', 'paper.gowalla')).toThrow(UnknownPresetError)
  expect(() => preset('toString' as never, 'paper')).toThrow(/no presets for 'toString'; .*bprMf/)
})
