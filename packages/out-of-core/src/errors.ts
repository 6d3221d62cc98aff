import { GnnRecError } from '@gnnrec/graph'

/**
 * An error of a block file that is truncated, damaged or no block file at all, or cannot be read or written.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { writeFile } from 'node:fs/promises'
 * import { BlockFileError, OutOfCoreRanker } from '@gnnrec/out-of-core'
 *
 * const file = join(await mkdtemp(join(tmpdir(), 'gnnrec-')), 'file')
 * await writeFile(file, 'not a folder')
 * try {
 *   OutOfCoreRanker.open({
 *     userCount: 1,
 *     itemCount: 1,
 *     embeddingDim: 2,
 *     folder: file,
 *     maxMemory: 10_000_000,
 *   })
 * } catch (error) {
 *   console.log(error instanceof BlockFileError, (error as Error).message)
 * }
 * ```
 */
export class BlockFileError extends GnnRecError<'BLOCK_FILE'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('BLOCK_FILE', message, options)
  }
}

/**
 * An error of a block file that belongs to another graph.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { BlockFileMismatchError, OutOfCoreFilter } from '@gnnrec/out-of-core'
 *
 * const common = {
 *   userCount: 1,
 *   itemCount: 2,
 *   embeddingDim: 4,
 *   folder: await mkdtemp(join(tmpdir(), 'gnnrec-')),
 *   maxMemory: 10_000_000,
 * }
 * const pointers = Int32Array.of(0, 1)
 * const filter = await OutOfCoreFilter.open({
 *   ...common,
 *   interactions: { pointers, items: Int32Array.of(0) },
 * })
 * filter.close()
 * await OutOfCoreFilter.open({
 *   ...common,
 *   interactions: { pointers, items: Int32Array.of(1) },
 * }).catch((error: unknown) => {
 *   if (error instanceof BlockFileMismatchError) console.log(error.message)
 * })
 * ```
 */
export class BlockFileMismatchError extends GnnRecError<'BLOCK_FILE_MISMATCH'> {
  constructor(message: string) {
    super('BLOCK_FILE_MISMATCH', message)
  }
}

/**
 * An error of a disk that is full, or has less room than the files will need.
 *
 * @example
 * ```ts no-run
 * import { DiskFullError, type OutOfCoreTrainer } from '@gnnrec/out-of-core'
 *
 * export async function fitOrExplain(trainer: OutOfCoreTrainer) {
 *   try {
 *     return await trainer.fit()
 *   } catch (error) {
 *     if (error instanceof DiskFullError) console.log('Free some room:', error.message)
 *     throw error
 *   }
 * }
 * ```
 */
export class DiskFullError extends GnnRecError<'DISK_FULL'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DISK_FULL', message, options)
  }
}

/**
 * An error of a memory limit that cannot be met.
 *
 * @example
 * ```ts
 * import { MemoryLimitError, OutOfCoreRanker } from '@gnnrec/out-of-core'
 *
 * try {
 *   OutOfCoreRanker.open({
 *     userCount: 100,
 *     itemCount: 100,
 *     embeddingDim: 64,
 *     folder: 'unused',
 *     maxMemory: 1000,
 *   })
 * } catch (error) {
 *   if (error instanceof MemoryLimitError) console.log('at least', error.smallest, 'bytes')
 * }
 * ```
 */
export class MemoryLimitError extends GnnRecError<'MEMORY_LIMIT'> {
  /** Smallest limit that could be met, in bytes. */
  readonly smallest: number

  constructor(message: string, smallest: number) {
    super('MEMORY_LIMIT', message)
    this.smallest = smallest
  }
}
