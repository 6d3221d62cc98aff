import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import type { TrainerOptions } from '../options/trainer-options.js'
import type { TrainingEvent } from '../record/training-events.js'
import { calibrationSplit, type GraphCounts } from './calibration-split.js'
import { peakWhile } from './heap-meter.js'
import { type KernelLog, KernelRecorder } from './kernel-log.js'
import type { PlannedTraining, PlanOptions } from './plan-options.js'

/** Of which the first makes what later ones find; as many on each graph, to be compared. */
const STEPS = 2
/** How long further steps are made for their times. */
const SECONDS = 0.1
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
    /** The most that was in use outside of kernel memory while the model prepared. */
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

/**
 * Trains on a graph of these counts for some steps, evaluates, and frees everything.
 *
 * @param usedHeap - gives the bytes in use outside of kernel memory
 */
export async function calibrate(
  { model: make, training, train }: Planned,
  counts: GraphCounts,
  usedHeap: () => Promise<number>,
): Promise<Calibration> {
  const before = await usedHeap()
  const split = calibrationSplit(counts)
  const table = (await usedHeap()) - before
  const graph = BipartiteGraph.fromInteractions(split.train)
  const withGraph = (await usedHeap()) - before
  const kernel = new KernelRecorder()
  const model = make(graph)
  try {
    const preparation =
      (await peakWhile(usedHeap, () => model.prepare({ isRehearsal: true }))) - before
    const metrics = [`ndcg@${Math.min(LIST_LENGTH, counts.items)}`]
    const events = train({
      ...{ model, split, ...evaluating(training, metrics) },
      ...{ progress: 'none', handleInterrupt: false },
    })
    const clock = new StepClock(events)
    while (clock.seconds.length < STEPS && (await clock.next()));
    const kept = kernel.bytes
    const afterSteps = (await usedHeap()) - before
    // The trainer still waits, with all that it holds, as it does while it evaluates.
    const recommender = await model.toRecommender()
    await evaluate(recommender, { split, on: 'validation', metrics, blockSize: BLOCK_SIZE })
    const evaluated = (await usedHeap()) - before
    recommender.dispose()
    kernel.stop()
    for (const start = performance.now(); performance.now() - start < 1000 * SECONDS; ) {
      if (!(await clock.next())) break
    }
    await events.return()
    return {
      counts: { users: graph.userCount, items: graph.itemCount, edges: graph.edgeCount },
      kernel,
      figures: {
        ...{ table, graph: withGraph, preparation, training: afterSteps, evaluation: evaluated },
        ...{ parameters: model.describe().parameterBytes, kept },
        ...{ stepsPerEpoch: clock.stepsPerEpoch, stepSeconds: clock.shortest },
      },
    }
  } finally {
    kernel.stop()
    model.dispose()
    graph.dispose()
  }
}

/** Takes the steps of a training one by one, and their times. */
class StepClock {
  readonly seconds: number[] = []
  stepsPerEpoch = 0
  readonly #events: AsyncGenerator<TrainingEvent, void>

  constructor(events: AsyncGenerator<TrainingEvent, void>) {
    this.#events = events
  }

  /** To the end of the next step; false if the epoch is over. */
  async next(): Promise<boolean> {
    const start = performance.now()
    for (;;) {
      const { value: event } = await this.#events.next()
      if (event?.type === 'start') this.stepsPerEpoch = event.stepsPerEpoch
      if (!event || event.type === 'epoch') return false
      if (event.type !== 'step') continue
      this.seconds.push((performance.now() - start) / 1000)
      return true
    }
  }

  /** Of the steps but for the first, if there are others. */
  get shortest(): number {
    return Math.min(...this.seconds.slice(this.seconds.length > 1 ? 1 : 0))
  }
}

/** Whether a training keeps weights of its best epoch, and makes recommenders meanwhile. */
export function evaluates({ metrics = [], earlyStopping }: PlannedTraining): boolean {
  return metrics.length > 0 || earlyStopping !== undefined
}

/** The same training without checkpoints and with other metrics, since a small graph may have too few items for the given ones. */
function evaluating(
  { checkpoint, ...training }: PlannedTraining,
  metrics: readonly string[],
): PlannedTraining {
  if (!evaluates(training)) return training
  const { earlyStopping, ...rest } = training
  return { ...rest, metrics }
}
