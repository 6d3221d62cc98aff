import type { LegendEntry } from '../document/document.js'
import type { StudiedModel } from '../study/studied-model.js'

/** Returns the legend of models. */
export function legendOf(models: readonly StudiedModel[]): LegendEntry[] {
  return models.map(({ name, style }) => ({ name, style }))
}
