import type { TrainingEvent } from '@gnnrec/train'
import type { TrainProgress } from './train-options.js'

/** Returns a listener to a training that tells of every epoch. */
export function epochProgress(
  onProgress: (progress: TrainProgress) => unknown,
  stage: TrainProgress['stage'],
  name: string,
): (event: TrainingEvent) => unknown {
  let epochs = 0
  return (event) => {
    if (event.type === 'start') epochs = event.epochs
    if (event.type !== 'epoch') return
    const { epoch, loss, validation = {} } = event.record
    const values = Object.entries(validation).map(
      ([metric, value]) => `${metric} ${value.toFixed(4)}`,
    )
    const found = [`loss ${loss.toPrecision(4)}`, ...values].join(', ')
    const message = `${name}: epoch ${epoch} of ${epochs}, ${found}`
    return onProgress({ stage, message, epoch, epochs })
  }
}
