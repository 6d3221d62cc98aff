import { type Candidate, presetCandidate } from '../trials/candidate.js'

/**
 * Returns a model with the settings of a preset that trains something.
 *
 * @throws UnknownPresetError when the model has no preset of this name
 */
export function trainedPreset(model: string, name = 'recommended'): Candidate {
  // The recommended variant of SVD-GCN trains nothing.
  const isUntrained = model === 'svd-gcn' && name === 'recommended'
  return presetCandidate(model, isUntrained ? 'paper.gowalla.m' : name)
}
