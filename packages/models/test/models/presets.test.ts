import { useBackend } from '@gnnrec/ops'
import { beforeAll, expect, it } from 'vitest'
import {
  BprMf,
  type GraphModel,
  LightGcn,
  models,
  type Preset,
  UnknownPresetError,
} from '../../src/index.js'
import type { PresetTree } from '../../src/training/preset-tree.js'
import { graphOf, owned, randomGraph } from '../support/graphs.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

it('are the official settings and those found on validation', () => {
  const presets = models.names({ isTrained: true }).map((name) => [name, models.get(name).presets])
  expect(Object.fromEntries(presets)).toMatchSnapshot()
})

it('make models, all of them', () => {
  const graph = graphOf(randomGraph({ users: 95, items: 92, degree: 4 }))
  const named = models
    .names({ isTrained: true })
    .flatMap((model) => presetNames(models.get(model).presets).map((name) => [model, name]))
  expect(named.length).toBeGreaterThan(40)
  for (const [architecture, name] of named as [string, string][]) {
    const { model: options } = models.preset(architecture, name)
    const model = models.create(graph, { architecture, options }) as GraphModel
    expect(owned(model).options).toMatchObject(options)
  }
})

it('of the predecessor leave BPR-MF the rate, the deviation and the decay that it had', () => {
  const { predecessor, predecessorOriginal } = BprMf.presets
  expect(predecessor.model).toEqual(predecessorOriginal.model)
  expect(predecessor.training).toEqual({
    ...LightGcn.presets.predecessor.training,
    learningRate: 1e-3,
  })
})

it('exist for every data set of the examples and every model that is trained', () => {
  for (const name of models.names({ isTrained: true })) {
    for (const preset of ['recommended', 'movieLens', 'bookCrossing', 'gowalla', 'predecessor']) {
      expect(models.preset(name, preset).training.epochs, `${name} ${preset}`).toBeGreaterThan(0)
    }
  }
})

it('that do not exist are refused with those that do', () => {
  expect(() => models.preset('group-shuffle', 'paper')).toThrow(UnknownPresetError)
  expect(() => models.preset('group-shuffle', 'paper')).toThrow(
    "group-shuffle has no preset 'paper'; it has default, recommended, movieLens, bookCrossing, gowalla, predecessor, predecessorOriginal.",
  )
  expect(() => models.preset('gcnii', 'paper')).toThrow(
    /it has default, linear, recommended, movieLens, bookCrossing, gowalla, predecessor/,
  )
  expect(() => models.preset('layer-gcn', 'paper')).toThrow(/it has paper\.mooc, paper\.games/)
  expect(() => models.preset('svd-gcn', 'paper.gowalla')).toThrow(
    /it has paper\.gowalla\.s, paper\.gowalla\.b/,
  )
  expect(() => models.preset('light-gcn', 'paper.gowalla')).toThrow(UnknownPresetError)
  expect(() => models.preset('toString', 'paper')).toThrow(/got "toString"; .*bpr-mf/)
})

/** Names of all presets of a tree, with dots. */
function presetNames(tree: PresetTree): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    isPreset(value) ? [name] : presetNames(value).map((inner) => `${name}.${inner}`),
  )
}

function isPreset(value: Preset<object> | PresetTree): value is Preset<object> {
  return 'training' in value
}
