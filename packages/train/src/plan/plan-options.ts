import { BipartiteGraph } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import * as z from 'zod'
import type { TrainerOptions } from '../options/trainer-options.js'
import type { GraphCounts } from './calibration-split.js'

/** Options of a training that has no model and no data yet. */
export type PlannedTraining = Omit<
  TrainerOptions,
  'model' | 'split' | 'maxMemory' | 'progress' | 'log' | 'handleInterrupt' | 'resume'
>

/** Options of {@link plan}. */
export interface PlanOptions {
  /** The graph of the train part, or how large it will be. */
  readonly graph: BipartiteGraph | GraphCounts
  /** Makes the model: `(graph) => new LightGcn(graph, { layers: 3 })`. It is called for small graphs. */
  readonly model: (graph: BipartiteGraph) => GraphModel
  /** How it will be trained: the `training` half of a preset, with `metrics` if there will be any. */
  readonly training: PlannedTraining
  /**
   * Resident memory that the process may reach, in bytes, > 0: more is refused with an error.
   *
   * @defaultValue no limit
   */
  readonly maxMemory?: number | undefined
}

const count = (least: number) => z.int().min(least)

export const planSchema = z.strictObject({
  graph: z.union(
    [
      z.custom<BipartiteGraph>((value) => value instanceof BipartiteGraph),
      z.strictObject({ users: count(1), items: count(2), edges: count(1) }),
    ],
    { error: 'expected a BipartiteGraph, or { users, items, edges } as integers' },
  ),
  model: z.custom<PlanOptions['model']>((value) => typeof value === 'function', {
    error: 'expected a function such as (graph) => new LightGcn(graph)',
  }),
  training: z.custom<PlannedTraining>((value) => typeof value === 'object' && value !== null, {
    error: 'expected options of Trainer, such as presets.lightGcn.paper.training',
  }),
  maxMemory: z.number().positive().optional(),
})
