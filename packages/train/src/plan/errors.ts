import { GnnRecError } from '@gnnrec/graph'
import type { TrainingPlan } from './training-plan.js'

/** A training cannot be planned here: not Node, or another backend than `simd`. */
export class PlanUnavailableError extends GnnRecError<'PLAN_UNAVAILABLE'> {
  constructor(message: string) {
    super('PLAN_UNAVAILABLE', message)
  }
}

/** A training would take more memory than allowed; `plan` has the numbers. */
export class TrainingTooLargeError extends GnnRecError<'TRAINING_TOO_LARGE'> {
  readonly plan: TrainingPlan

  constructor(message: string, plan: TrainingPlan) {
    super('TRAINING_TOO_LARGE', message)
    this.plan = plan
  }
}
