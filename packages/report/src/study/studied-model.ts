import type { CheckedModel } from '../parse-report-options.js'

/** A model with its place. */
export interface StudiedModel extends CheckedModel {
  /** Place of the model, which decides its colour, dashes and shape in all plots. */
  readonly style: number
}
