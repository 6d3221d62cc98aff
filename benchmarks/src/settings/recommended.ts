import { type Preset, presets } from '@gnnrec/models'
import {
  type Candidate,
  candidate,
  type ModelName,
  type ModelOptions,
} from '../trials/candidate.js'

/** Settings that `tune` has chosen on MovieTweetings. */
export const recommended: Readonly<Record<ModelName, Candidate>> = {
  BprMf: of('BprMf', presets.bprMf.recommended),
  LightGcn: of('LightGcn', presets.lightGcn.recommended),
  Gcnii: of('Gcnii', presets.gcnii.recommended),
  Dgr: of('Dgr', presets.dgr.recommended),
  SvdGcn: of('SvdGcn', presets.svdGcn.recommended),
  LayerGcn: of('LayerGcn', presets.layerGcn.recommended),
  GroupShuffle: of('GroupShuffle', presets.groupShuffle.recommended),
}

function of<Name extends ModelName>(
  name: Name,
  { model, training }: Preset<ModelOptions<Name>>,
): Candidate {
  return candidate(name, model, training)
}
