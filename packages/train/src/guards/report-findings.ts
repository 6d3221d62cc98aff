import { DegenerateModelError } from '../errors.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { Finding } from './finding.js'

/**
 * Findings as events, and the end of training by the first that is to stop it.
 *
 * @throws DegenerateModelError after the last event
 */
export function* reportFindings(findings: readonly Finding[]): Generator<TrainingEvent, void> {
  for (const finding of findings) yield { type: 'finding', ...finding }
  const stop = findings.find(({ level }) => level === 'stop')
  if (stop) throw new DegenerateModelError(stop)
}
