import type { LegendEntry } from '../document/document.js'
import type { StudiedModel } from '../study/studied-model.js'

/** The models of a figure with the looks of their lines. */
export function legendOf(models: readonly StudiedModel[]): LegendEntry[] {
  return models.map(({ name, style }) => ({ name, style }))
}
