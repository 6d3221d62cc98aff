import { type Preset, presets } from '@gnnrec/models'
import {
  type Candidate,
  candidate,
  type ModelName,
  type ModelOptions,
} from '../trials/candidate.js'

const { training } = presets.lightGcn.recommended

/** What `tune` has chosen on MovieTweetings. */
export const recommended: Readonly<Record<ModelName, Candidate>> = {
  BprMf: of('BprMf', presets.bprMf.recommended),
  LightGcn: of('LightGcn', presets.lightGcn.recommended),
  Gcnii: candidate('Gcnii', { layers: 2, l2Weight: 1e-2 }, { ...training, learningRate: 2e-3 }),
  Dgr: candidate('Dgr', { regularization: 'layer-zero', l2Weight: 3e-2 }, training),
  SvdGcn: candidate(
    'SvdGcn',
    { variant: 'S', rank: 30, degreeRegularization: 2, filterExponent: 2 },
    training,
  ),
  LayerGcn: candidate('LayerGcn', { l2Weight: 1e-2 }, training),
  GroupShuffle: candidate('GroupShuffle', { l2Weight: 1e-2 }, training),
}

function of<Name extends ModelName>(
  name: Name,
  { model, training }: Preset<ModelOptions<Name>>,
): Candidate {
  return candidate(name, model, training)
}
