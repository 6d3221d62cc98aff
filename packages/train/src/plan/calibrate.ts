import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import type { TrainerOptions } from '../trainer-options.js'
import type { TrainingEvent } from '../training-events.js'
import { calibrationSplit, type GraphCounts } from './calibration-split.js'
import { heapMeter, residentPeak } from './heap-meter.js'
import { type KernelLog, KernelRecorder } from './kernel-log.js'
import type { PlannedTraining, PlanOptions } from './plan-options.js'

/** Of which the first makes what later ones find. */
const STEPS = 3
/** Fixed, so that what is done does not depend on speed. */
const BLOCK_SIZE = 64
/** Length of the lists; memory does not depend on it. */
const LIST_LENGTH = 10

/** What a few steps and an evaluation took on a small graph; bytes and seconds. */
export interface Calibration {
  readonly counts: GraphCounts
  readonly kernel: KernelLog
  /** Numbers that grow with the graph. */
  readonly figures: {
    /** In use outside of kernel memory, all that was before included: with the table, */
    readonly table: number
    /** with the graph, */
    readonly graph: number
    /** after the steps, */
    readonly training: number
    /** and with a recommender that has answered. */
    readonly evaluation: number
    /** Resident memory of the process at its highest while the model prepared. */
    readonly preparation: number
    readonly parameters: number
    /** In kernel memory between steps. */
    readonly kept: number
    readonly stepSeconds: number
    readonly stepsPerEpoch: number
  }
}

/** What is planned, and what trains: a parameter, since the trainer itself plans. */
export interface Planned extends Pick<PlanOptions, 'model' | 'training'> {
  readonly train: (options: TrainerOptions) => AsyncGenerator<TrainingEvent, void>
}

/** Trains on a graph of these counts for some steps, evaluates, and frees everything. */
export async function calibrate(
  { model: make, training, train }: Planned,
  counts: GraphCounts,
): Promise<Calibration> {
  const usedHeap = heapMeter()
  const before = await usedHeap()
  const split = calibrationSplit(counts)
  const table = (await usedHeap()) - before
  const graph = BipartiteGraph.fromInteractions(split.train)
  const withGraph = (await usedHeap()) - before
  const kernel = new KernelRecorder()
  const model = make(graph)
  try {
    const preparation = await residentPeak(() => model.prepare())
    const metrics = [`ndcg@${Math.min(LIST_LENGTH, counts.items)}`]
    const events = train({
      ...{ model, split, ...evaluating(training, metrics) },
      ...{ progress: 'none', handleInterrupt: false },
    })
    const seconds: number[] = []
    let stepsPerEpoch = 0
    let last = performance.now()
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (next.value.type === 'start') stepsPerEpoch = next.value.stepsPerEpoch
      if (next.value.type === 'step') seconds.push((performance.now() - last) / 1000)
      last = performance.now()
      if (seconds.length === STEPS || next.value.type === 'epoch') break
    }
    const kept = kernel.bytes
    const afterSteps = (await usedHeap()) - before
    // The trainer still waits, with all that it holds, as it does while it evaluates.
    const recommender = await model.toRecommender()
    await evaluate(recommender, { split, on: 'validation', metrics, blockSize: BLOCK_SIZE })
    const evaluated = (await usedHeap()) - before
    recommender.dispose()
    await events.return()
    return {
      counts: { users: graph.userCount, items: graph.itemCount, edges: graph.edgeCount },
      kernel,
      figures: {
        ...{ table, graph: withGraph, preparation, training: afterSteps, evaluation: evaluated },
        ...{ parameters: model.describe().parameterBytes, kept, stepsPerEpoch },
        stepSeconds: Math.min(...seconds.slice(seconds.length > 1 ? 1 : 0)),
      },
    }
  } finally {
    kernel.stop()
    model.dispose()
    graph.dispose()
  }
}

/** Whether a training keeps weights of its best epoch, and makes recommenders meanwhile. */
export function evaluates({ metrics = [], earlyStopping }: PlannedTraining): boolean {
  return metrics.length > 0 || earlyStopping !== undefined
}

/** The same training with other metrics, since a small graph may have too few items for the given ones. */
function evaluating(training: PlannedTraining, metrics: readonly string[]): PlannedTraining {
  if (!evaluates(training)) return training
  const { earlyStopping, ...rest } = training
  return { ...rest, metrics }
}
