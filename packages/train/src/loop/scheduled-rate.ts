import { InvalidOptionsError } from '@gnnrec/graph'
import { refusePromise } from '@gnnrec/graph/kernels'
import type { ResolvedTraining } from '../options/training-loop-options.js'
import type { MonitoredHistory, SchedulePosition } from '../schedules/learning-rate-schedule.js'

/**
 * Computes the learning rate of a step.
 *
 * @param baseRate - rate that the schedule scales
 * @throws InvalidOptionsError when the schedule is asynchronous or gives something else than a share
 */
export function scheduledRate(
  { schedule, monitor }: Pick<ResolvedTraining, 'schedule' | 'monitor'>,
  baseRate: number,
  position: SchedulePosition,
  evaluations: MonitoredHistory['evaluations'],
): number {
  const history = { mode: monitor?.mode ?? 'max', evaluations }
  const factor = refusePromise('schedule', schedule(position, history))
  if (Number.isFinite(factor) && factor >= 0) return factor * baseRate
  const { epoch, step, epochs, stepsPerEpoch } = position
  throw new InvalidOptionsError(
    `schedule: got ${factor} for epoch ${epoch}, step ${step} of ${epochs} × ${stepsPerEpoch}; expected a share of the base rate, finite and >= 0.`,
  )
}
