import { type Preset, presets } from '@gnnrec/models'
import { type Candidate, candidate, type ModelName } from '../trials/candidate.js'

const groups: Readonly<Record<ModelName, object>> = {
  BprMf: presets.bprMf,
  LightGcn: presets.lightGcn,
  Gcnii: presets.gcnii,
  Dgr: presets.dgr,
  // The recommended variant of SVD-GCN trains nothing.
  SvdGcn: { ...presets.svdGcn, recommended: presets.svdGcn.paper.gowalla.m },
  LayerGcn: presets.layerGcn,
  GroupShuffle: presets.groupShuffle,
}

/**
 * Returns the preset of a model by its name.
 *
 * @throws Error when the model has no preset of this name
 */
export function trainedPreset(model: ModelName, name = 'recommended'): Candidate {
  const named = Object.entries(groups[model]).filter((entry): entry is [string, Preset<object>] =>
    isPreset(entry[1]),
  )
  const found = named.find(([each]) => each === name)
  if (found) return candidate(model, found[1].model, found[1].training)
  const names = named.map(([each]) => each).join(', ')
  throw new Error(`--preset: got '${name}'; ${model} has ${names}.`)
}

function isPreset(value: object): value is Preset<object> {
  return 'model' in value && 'training' in value
}
