import { Rng, yieldToEventLoop } from '@gnnrec/graph'
import { belowPopularity } from './below-popularity.js'
import { explodingParameters } from './exploding-parameters.js'
import type { Finding, GuardCode } from './finding.js'
import type { Guard, Suspicion } from './guard.js'
import type { MutableGuardState } from './guard-state.js'
import type { GuardedTraining } from './guarded-model.js'
import { type InspectedEpoch, Inspection } from './inspection.js'
import { noDataGradient } from './no-data-gradient.js'
import { oneDirectionLayers } from './one-direction.js'
import { typicalSize } from './parameter-samples.js'
import { sketchOf } from './parameter-sketch.js'
import { probeBatch, probeSize } from './probe-batch.js'
import { sameLists } from './same-lists.js'
import { type SampledNodes, sampleNodes } from './sampled-nodes.js'
import { shrinkingParameters } from './shrinking-parameters.js'
import { smallInitialization } from './small-initialization.js'
import { staleEmbeddings, staleLoss } from './stale-embeddings.js'
import { tiedScores } from './tied-scores.js'
import { unmovedLoss } from './unmoved-loss.js'

/** Guards that compare sizes of parameters with those at the start. */
const ofSizes: readonly Guard[] = [shrinkingParameters, explodingParameters]
/** Guards that cost almost nothing after an evaluation. */
const ofScores: readonly Guard[] = [tiedScores, belowPopularity]
/** Guards that run the model, and therefore check only from time to time. */
const ofModels: readonly Guard[] = [
  unmovedLoss,
  noDataGradient,
  ...ofSizes,
  staleEmbeddings,
  sameLists,
  oneDirectionLayers,
]
/** Number of steps between two checks after the first epochs; a check costs about as much as four steps. */
const stepsBetween = 800
/** Last epoch up to which checks are more frequent. */
const earlyEpochs = 3
/** Number of epochs between two early checks. */
const earlyEpochsBetween = 2
/** Number of users, and of items, whose rows are examined. */
export const sampledRows = 64

/** Runs the guards of one training. */
export class TrainingGuards {
  readonly #settings: GuardedTraining
  readonly #state: MutableGuardState
  readonly #signal: AbortSignal
  readonly #rng: Rng
  #seconds = 0
  #nodes: SampledNodes | undefined

  /** @param state - state of the training so far, which changes during training */
  constructor(settings: GuardedTraining, state: MutableGuardState, signal: AbortSignal) {
    this.#settings = settings
    this.#state = state
    this.#signal = signal
    this.#rng = Rng.fromSeed(settings.seed).fork('guards')
  }

  /** Seconds that the guards have taken so far. */
  get seconds(): number {
    return this.#seconds
  }

  /** Examines a model before the first step of this run. */
  async atStart(epoch: number, totalSteps: number): Promise<Finding[]> {
    const guards = this.#active(totalSteps === 0 ? [smallInitialization] : [])
    const isNew =
      this.#state.startSizes === null && this.#active([...ofSizes, unmovedLoss]).length > 0
    if (guards.length === 0 && !isNew) return []
    return this.#timed(async () => {
      const inspection = this.#inspect({ epoch, totalSteps })
      const samples = await inspection.samples()
      const sizes = samples.map((sample) => [sample.name, typicalSize(sample)] as const)
      this.#state.startSizes ??= Object.fromEntries(sizes)
      this.#state.start ??= Object.fromEntries(
        samples.map((sample) => [sample.name, sketchOf(sample)]),
      )
      return this.#ask(guards, inspection)
    })
  }

  /**
   * Begins an epoch of the model.
   *
   * @param epoch - number of epochs that are complete
   */
  async begin(epoch: number, beginEpoch: () => unknown): Promise<Finding[]> {
    const { model } = this.#settings
    const { probe } = model
    const isDue =
      probe !== undefined &&
      this.#active([staleEmbeddings]).length > 0 &&
      this.#state.lastCheck?.epoch === epoch
    const batch = isDue
      ? probeBatch(model.graph, probeSize, this.#rng.fork(`loss/${epoch}`))
      : undefined
    if (!probe || !batch) {
      await beginEpoch()
      return []
    }
    const before = await this.#timed(() => probe(batch))
    await yieldToEventLoop()
    await beginEpoch()
    const after = await this.#timed(() => probe(batch))
    await yieldToEventLoop()
    const suspicion = staleLoss(model.architecture, before, after)
    return suspicion ? [this.#find('stale-embeddings', epoch, suspicion)] : []
  }

  /** Examines a model after an epoch and its evaluation; finds nothing if training is aborted meanwhile. */
  async afterEpoch(at: InspectedEpoch): Promise<Finding[]> {
    const { epoch, totalSteps, degenerate } = at
    const isDue = this.#isDue(at)
    if (isDue) this.#state.lastCheck = { epoch, totalSteps }
    const isLast = epoch === this.#settings.epochs
    const guards = this.#active([
      ...(degenerate || isDue ? ofScores : []),
      ...(isDue ? ofModels : isLast ? [unmovedLoss] : []),
    ])
    if (guards.length === 0) return []
    try {
      return await this.#timed(() => this.#ask(guards, this.#inspect(at)))
    } catch (error) {
      if (this.#signal.aborted && error === this.#signal.reason) return []
      throw error
    }
  }

  /** Examines the lists of a model that is not trained. */
  untrained(at: InspectedEpoch): Promise<Finding[]> {
    return this.#ask(this.#active([tiedScores]), this.#inspect(at))
  }

  #isDue({ epoch, totalSteps }: InspectedEpoch): boolean {
    const last = this.#state.lastCheck
    if (last === null || totalSteps - last.totalSteps >= stepsBetween) return true
    return epoch <= earlyEpochs && epoch - last.epoch >= earlyEpochsBetween
  }

  /** Returns the guards that are on and have found nothing yet. */
  #active(guards: readonly Guard[]): Guard[] {
    return guards.filter(
      ({ code }) =>
        this.#settings.guards.levels[code] !== 'off' &&
        !this.#state.findings.some((finding) => finding.code === code),
    )
  }

  #inspect(at: InspectedEpoch): Inspection {
    const nodes = () => {
      this.#nodes ??= sampleNodes(this.#settings.model.graph, sampledRows, this.#rng.fork('nodes'))
      return this.#nodes
    }
    return new Inspection(this.#settings, this.#state, at, nodes, this.#rng, this.#signal)
  }

  async #ask(guards: readonly Guard[], inspection: Inspection): Promise<Finding[]> {
    const found: Finding[] = []
    for (const { code, examine } of guards) {
      const suspicion = await examine(inspection)
      if (suspicion) found.push(this.#find(code, inspection.at.epoch, suspicion))
      await yieldToEventLoop()
    }
    return found
  }

  #find(code: GuardCode, epoch: number, { message, values }: Suspicion): Finding {
    const level = this.#settings.guards.levels[code] === 'stop' ? 'stop' : 'warn'
    const finding: Finding = { code, level, epoch, message, values }
    this.#state.findings = [...this.#state.findings, finding]
    return finding
  }

  async #timed<Result>(look: () => Promise<Result>): Promise<Result> {
    const started = performance.now()
    try {
      return await look()
    } finally {
      this.#seconds += (performance.now() - started) / 1000
    }
  }
}
