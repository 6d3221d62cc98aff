import { warn } from '@gnnrec/graph/kernels'
import type { TrainingEvent } from '@gnnrec/train'

/** Turns findings and warnings into warnings of the process; ignores other events. */
export function warnOfEvent(event: TrainingEvent): void {
  if (event.type === 'warning') warn(event.message)
  if (event.type !== 'finding') return
  const { message, code, epoch } = event
  warn(`${message} (Guard '${code}', epoch ${epoch}.)`)
}
