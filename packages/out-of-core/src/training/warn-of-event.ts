import type { TrainingEvent } from '@gnnrec/train'

/** Makes a finding or a warning a warning of the process; other events are none. */
export function warnOfEvent(event: TrainingEvent): void {
  if (event.type === 'warning') process.emitWarning(event.message, 'GnnRecWarning')
  if (event.type !== 'finding') return
  const { message, code, epoch } = event
  process.emitWarning(`${message} (Guard '${code}', epoch ${epoch}.)`, 'GnnRecWarning')
}
