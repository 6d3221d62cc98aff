import { parseOptions } from '@gnnrec/graph'
import { Trainer } from '../trainer.js'
import { type PlanOptions, planSchema } from './plan-options.js'
import { planTraining } from './plan-training.js'
import type { TrainingPlan } from './training-plan.js'

/**
 * What a training will take: memory by part and at its peak, and time, before any of it is allocated.
 *
 * Two trainings of a few steps are watched, one on a small graph and one on a graph twice as large in
 * users, items and edges. Both allocate the same blocks in the same order, each in proportion, so that
 * those of the training that is planned follow. This takes one to four seconds and one or two hundred
 * megabytes, more for a model with much to `prepare`; the same plan again in the same process takes next to
 * no time. A graph of less than about 25,000 nodes is measured itself.
 * Peaks come within 15 % of what is measured, SVD-GCN's within a fifth (`npm run bench -- --only plan`);
 * seconds are a guess, since larger tables leave the caches.
 *
 * For the backend `simd`, which it starts if there is none, in Node. Of other backends the memory is not
 * known: that of `cpu` is whatever garbage JavaScript lets lie, and that of TensorFlow's runtime is its own.
 *
 * @throws InvalidOptionsError when an option is wrong
 * @throws PlanUnavailableError in a page, or on another backend
 * @throws TrainingTooLargeError when the peak is above `maxMemory`
 */
export function plan(options: PlanOptions): Promise<TrainingPlan> {
  const parsed = parseOptions('plan', planSchema, options)
  return planTraining({ ...parsed, train: (each) => new Trainer(each).run() })
}
