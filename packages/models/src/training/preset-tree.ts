import { UnknownPresetError } from './errors.js'
import type { Preset } from './training-settings.js'

/** Presets by name, or by further names such as those of data sets. */
export interface PresetTree {
  readonly [name: string]: Preset<object> | PresetTree
}

/**
 * Returns the preset of a name.
 *
 * @param architecture - the owner of the presets, for the error
 * @param name - `'paper'`; names of a further level follow after a dot, as in `'paper.yelp'`
 * @throws UnknownPresetError with the names that exist
 */
export function findPreset(architecture: string, tree: PresetTree, name: string): Preset<object> {
  let found: PresetTree | Preset<object> | undefined = tree
  for (const part of name.split('.')) {
    found = found && !isPreset(found) && Object.hasOwn(found, part) ? found[part] : undefined
  }
  if (found && isPreset(found)) return found
  const names = presetNames(tree)
  throw new UnknownPresetError(
    `${architecture} has no preset '${name}'; it has ${names.length > 0 ? names.join(', ') : 'none'}.`,
  )
}

/** Returns the names of all presets of a tree, with dots. */
function presetNames(tree: PresetTree): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    isPreset(value) ? [name] : presetNames(value).map((inner) => `${name}.${inner}`),
  )
}

function isPreset(value: Preset<object> | PresetTree): value is Preset<object> {
  return 'training' in value
}
