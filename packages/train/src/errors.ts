import { GnnRecError } from '@gnnrec/graph'
import type { Finding } from './guards/finding.js'

/**
 * An error of a second call of `fit`: a trainer trains once.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { AlreadyFittedError, Trainer } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const model = new LightGcn(BipartiteGraph.fromInteractions(table), { embeddingDim: 8 })
 * const trainer = new Trainer({ model, epochs: 2, progress: 'none' })
 * await trainer.fit()
 * await trainer.fit().catch((error: unknown) => {
 *   console.log(error instanceof AlreadyFittedError, (error as Error).message)
 * })
 * model.dispose()
 * ```
 */
export class AlreadyFittedError extends GnnRecError<'ALREADY_FITTED'> {
  constructor(message: string) {
    super('ALREADY_FITTED', message)
  }
}

/**
 * An error of a training whose model another training has not given back yet.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { ModelInTrainingError, Trainer } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const model = new LightGcn(BipartiteGraph.fromInteractions(table), { embeddingDim: 8 })
 * const settings = { model, epochs: 2, progress: 'none' } as const
 * const first = new Trainer(settings).fit()
 * await new Trainer(settings).fit().catch((error: unknown) => {
 *   console.log(error instanceof ModelInTrainingError, (error as Error).message)
 * })
 * await first
 * model.dispose()
 * ```
 */
export class ModelInTrainingError extends GnnRecError<'MODEL_IN_TRAINING'> {
  constructor(architecture: string) {
    super(
      'MODEL_IN_TRAINING',
      `Another training of this ${architecture} is still running: wait until fit() has ended or the loop over run() has been left, or train another model.`,
    )
  }
}

/**
 * An error of a model that collapses or does not learn, found by a guard of level `'stop'`.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { DegenerateModelError, Trainer } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const model = new LightGcn(BipartiteGraph.fromInteractions(table), { embeddingDim: 8 })
 * const trainer = new Trainer({
 *   model,
 *   epochs: 50,
 *   learningRate: 100,
 *   progress: 'none',
 *   guards: { 'exploding-parameters': 'stop' },
 * })
 * await trainer.fit().catch((error: unknown) => {
 *   if (error instanceof DegenerateModelError) console.log(error.finding.code)
 * })
 * model.dispose()
 * ```
 */
export class DegenerateModelError extends GnnRecError<'DEGENERATE_MODEL'> {
  /** The finding of the guard. */
  readonly finding: Finding

  constructor(finding: Finding) {
    const { code, epoch, message } = finding
    super('DEGENERATE_MODEL', `${message} (Guard '${code}', epoch ${epoch}.)`)
    this.finding = finding
  }
}

/**
 * An error of a checkpoint that cannot be written or read, or is not there.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { CheckpointError, Trainer } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const model = new LightGcn(BipartiteGraph.fromInteractions(table), { embeddingDim: 8 })
 * const checkpoint = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * const trainer = new Trainer({ model, epochs: 2, progress: 'none', checkpoint, resume: 'latest' })
 * await trainer.fit().catch((error: unknown) => {
 *   console.log(error instanceof CheckpointError, (error as Error).message)
 * })
 * model.dispose()
 * ```
 */
export class CheckpointError extends GnnRecError<'CHECKPOINT'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('CHECKPOINT', message, options)
  }
}

/**
 * An error of a checkpoint of other data, another model or other options; the message lists the differences.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { CheckpointMismatchError, Trainer } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const model = new LightGcn(BipartiteGraph.fromInteractions(table), { embeddingDim: 8 })
 * const checkpoint = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * const settings = { model, epochs: 2, progress: 'none', checkpoint } as const
 * await new Trainer({ ...settings, seed: 1 }).fit()
 * await new Trainer({ ...settings, seed: 2, resume: 'latest' }).fit().catch((error: unknown) => {
 *   if (error instanceof CheckpointMismatchError) console.log(error.message)
 * })
 * model.dispose()
 * ```
 */
export class CheckpointMismatchError extends GnnRecError<'CHECKPOINT_MISMATCH'> {
  constructor(message: string) {
    super('CHECKPOINT_MISMATCH', message)
  }
}

/**
 * An error of a folder for checkpoints that another running training uses.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { CheckpointLockedError, Trainer } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const model = new LightGcn(BipartiteGraph.fromInteractions(table), { embeddingDim: 8 })
 * const checkpoint = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * const settings = { model, epochs: 2, progress: 'none', checkpoint } as const
 * for await (const { type } of new Trainer(settings).run()) {
 *   if (type !== 'start') continue
 *   await new Trainer(settings).fit().catch((error: unknown) => {
 *     console.log(error instanceof CheckpointLockedError, (error as Error).message)
 *   })
 * }
 * model.dispose()
 * ```
 */
export class CheckpointLockedError extends GnnRecError<'CHECKPOINT_LOCKED'> {
  constructor(message: string) {
    super('CHECKPOINT_LOCKED', message)
  }
}

/**
 * An error of a log that cannot be written.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { Trainer, TrainingLogError } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const model = new LightGcn(BipartiteGraph.fromInteractions(table), { embeddingDim: 8 })
 * const folder = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * await new Trainer({ model, epochs: 2, progress: 'none', log: folder })
 *   .fit()
 *   .catch((error: unknown) => {
 *     console.log(error instanceof TrainingLogError, (error as Error).message)
 *   })
 * model.dispose()
 * ```
 */
export class TrainingLogError extends GnnRecError<'TRAINING_LOG'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('TRAINING_LOG', message, options)
  }
}
