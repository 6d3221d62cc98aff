import type { CheckedModel } from '../parse-report-options.js'

/** A model and its place, which gives its colour, dashes and shape in all plots. */
export interface StudiedModel extends CheckedModel {
  readonly style: number
}
