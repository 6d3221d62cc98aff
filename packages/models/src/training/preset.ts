import { UnknownPresetError } from './errors.js'
import { presets } from './presets.js'
import type { Preset } from './training-settings.js'

/** Models that have presets. */
export type PresetModel = keyof typeof presets

/** Presets by name, or by further names such as those of data sets. */
interface PresetTree {
  readonly [name: string]: Preset<object> | PresetTree
}

/**
 * The preset of a name that comes from outside, such as a command line; in code,
 * `presets.lightGcn.paper` says the same and is typed.
 *
 * @param model - `'lightGcn'` and so on
 * @param name - `'paper'`; names of a further level follow after a dot, as in `'paper.yelp'`
 * @throws UnknownPresetError with the names that exist
 */
export function preset(model: PresetModel, name: string): Preset<object> {
  const tree: PresetTree | undefined = Object.hasOwn(presets, model) ? presets[model] : undefined
  if (!tree) {
    throw new UnknownPresetError(
      `There are no presets for '${model}'; there are for ${Object.keys(presets).join(', ')}.`,
    )
  }
  let found: PresetTree | Preset<object> | undefined = tree
  for (const part of name.split('.')) {
    found = found && !isPreset(found) && Object.hasOwn(found, part) ? found[part] : undefined
  }
  if (found && isPreset(found)) return found
  throw new UnknownPresetError(
    `${model} has no preset '${name}'; it has ${presetNames(tree).join(', ')}.`,
  )
}

/** All names of presets below a tree, with dots. */
function presetNames(tree: PresetTree): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    isPreset(value) ? [name] : presetNames(value).map((inner) => `${name}.${inner}`),
  )
}

function isPreset(value: Preset<object> | PresetTree): value is Preset<object> {
  return 'training' in value
}
