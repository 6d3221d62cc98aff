import type { StudiedModel } from '../study/studied-model.js'

/** Returns the seconds of training without evaluation; undefined if they are unknown. */
export function trainSeconds({ trainSeconds: given, history }: StudiedModel): number | undefined {
  if (given !== undefined || !history || history.epochs.length === 0) return given
  return history.epochs.reduce((sum, { seconds }) => sum + seconds, 0)
}
