import type { TrainingEvent } from '@gnnrec/train'

/** Turns findings and warnings into warnings of the process; ignores other events. */
export function warnOfEvent(event: TrainingEvent): void {
  if (event.type === 'warning') process.emitWarning(event.message, 'GnnRecWarning')
  if (event.type !== 'finding') return
  const { message, code, epoch } = event
  process.emitWarning(`${message} (Guard '${code}', epoch ${epoch}.)`, 'GnnRecWarning')
}
