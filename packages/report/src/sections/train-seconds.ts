import type { StudiedModel } from '../study/studied-model.js'

/** Seconds of training, without evaluation; undefined where nothing is known. */
export function trainSeconds({ trainSeconds: given, history }: StudiedModel): number | undefined {
  if (given !== undefined || !history || history.epochs.length === 0) return given
  return history.epochs.reduce((sum, { seconds }) => sum + seconds, 0)
}
