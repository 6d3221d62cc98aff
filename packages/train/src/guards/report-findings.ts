import { DegenerateModelError } from '../errors.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { Finding } from './finding.js'

/**
 * Yields findings as events, and ends training when one of them has the level `'stop'`.
 *
 * @throws DegenerateModelError after the last event, for the first finding of the level `'stop'`
 */
export function* reportFindings(findings: readonly Finding[]): Generator<TrainingEvent, void> {
  for (const finding of findings) yield { type: 'finding', ...finding }
  const stop = findings.find(({ level }) => level === 'stop')
  if (stop) throw new DegenerateModelError(stop)
}
