import { useBackend } from '@gnnrec/ops'
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
  SvdGcn,
  UnknownPresetError,
} from '../../src/index.js'
import { graphOf, owned, randomGraph } from '../support/graphs.js'

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
  svdGcn: SvdGcn,
}

it('make models, all of them', () => {
  const graph = graphOf(randomGraph({ users: 95, items: 92, degree: 4 }))
  const named: [keyof typeof classes, string][] = [
    ...(Object.keys(classes) as (keyof typeof classes)[]).flatMap(
      (model): [keyof typeof classes, string][] => [
        [model, 'predecessor'],
        [model, 'predecessorOriginal'],
      ],
    ),
    ['bprMf', 'paper'],
    ['lightGcn', 'fast'],
    ...(Object.keys(classes) as (keyof typeof classes)[]).map(
      (model): [keyof typeof classes, string] => [model, 'recommended'],
    ),
    ['dgr', 'paper'],
    ['gcnii', 'default'],
    ['gcnii', 'linear'],
    ['groupShuffle', 'default'],
    ...['mooc', 'games', 'food', 'yelp'].map((set): ['layerGcn', string] => [
      'layerGcn',
      `paper.${set}`,
    ]),
    ...['gowalla', 'yelp', 'movieLens'].flatMap((set) =>
      ['s', 'b', 'u', 'i', 'm'].map((variant): ['svdGcn', string] => [
        'svdGcn',
        `paper.${set}.${variant}`,
      ]),
    ),
  ]
  for (const [model, name] of named) {
    const { model: options } = preset(model, name)
    expect(owned(new classes[model](graph, options as never)).options).toMatchObject(options)
  }
})

it('that do not exist are refused with those that do', () => {
  expect(() => preset('groupShuffle', 'paper')).toThrow(UnknownPresetError)
  expect(() => preset('groupShuffle', 'paper')).toThrow(
    "groupShuffle has no preset 'paper'; it has default, recommended, predecessor, predecessorOriginal.",
  )
  expect(() => preset('gcnii', 'paper')).toThrow(/it has default, linear, recommended, predecessor/)
  expect(() => preset('layerGcn', 'paper')).toThrow(/it has paper\.mooc, paper\.games/)
  expect(() => preset('svdGcn', 'paper.gowalla')).toThrow(
    /it has paper\.gowalla\.s, paper\.gowalla\.b/,
  )
  expect(() => preset('lightGcn', 'paper.gowalla')).toThrow(UnknownPresetError)
  expect(() => preset('toString' as never, 'paper')).toThrow(/no presets for 'toString'; .*bprMf/)
})
