import type { CheckedSearch } from '../definition/definition-schema.js'
import type { SettingChoice } from '../plan/configurations.js'
import type { JudgedSetting } from './run-search.js'

/** A setting that a search chose and its value on the validation part. */
export interface ChosenSetting {
  readonly setting: SettingChoice
  readonly value: number
}

/**
 * Chooses the best setting of a search, and the best that keeps a share of another metric. Their labels say which is
 * which. It is one setting where the best of all keeps that share, where no setting does, and where the reference has
 * no value.
 *
 * @param judged - the settings of the search, the best first
 * @param reference - value of the metric to keep; undefined where the reference model has none
 */
export function chooseSettings(
  judged: readonly JudgedSetting[],
  selection: string,
  { metric, share, of }: NonNullable<CheckedSearch['keep']>,
  reference: number | undefined,
): ChosenSetting[] {
  const [best] = judged
  if (!best) return []
  const labelled = ({ setting, value }: JudgedSetting, role: string): ChosenSetting => ({
    setting: { ...setting, label: `${role}: ${setting.label}` },
    value,
  })
  if (reference === undefined) {
    return [labelled(best, `best ${selection}, no ${metric} of ${of} to compare with`)]
  }
  const kept = judged.find(({ validation }) => (validation[metric] ?? 0) >= share * reference)
  if (kept === best) return [labelled(best, `best ${selection}, keeps ${metric}`)]
  if (!kept) return [labelled(best, `best ${selection}, none keeps ${metric}`)]
  return [labelled(best, `best ${selection}`), labelled(kept, `keeps ${metric}`)]
}
