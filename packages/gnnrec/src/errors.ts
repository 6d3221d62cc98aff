import { GnnRecError } from '@gnnrec/graph'

/**
 * An error of data that are too few to choose and judge a model on.
 *
 * @example
 * ```ts
 * import { TooFewInteractionsError, train } from 'gnnrec'
 *
 * await train([{ user: 'ann', item: 'tea' }]).catch((error: unknown) => {
 *   console.log(error instanceof TooFewInteractionsError, (error as Error).message)
 * })
 * ```
 */
export class TooFewInteractionsError extends GnnRecError<'TOO_FEW_INTERACTIONS'> {
  constructor(message: string) {
    super('TOO_FEW_INTERACTIONS', message)
  }
}

/**
 * An error of a file whose table would not fit in the memory that may be used. The message says how to train on it.
 *
 * @example
 * ```ts
 * import { mkdtemp, truncate, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { DataTooLargeError, train } from 'gnnrec'
 *
 * const file = join(await mkdtemp(join(tmpdir(), 'events-')), 'events.csv')
 * await writeFile(file, 'user,item\n')
 * await truncate(file, 2 ** 30) // as if there were many events
 * await train(file, { maxMemory: 256 * 2 ** 20 }).catch((error: unknown) => {
 *   console.log(error instanceof DataTooLargeError)
 * })
 * ```
 */
export class DataTooLargeError extends GnnRecError<'DATA_TOO_LARGE'> {
  constructor(message: string) {
    super('DATA_TOO_LARGE', message)
  }
}

/**
 * An error of a model that would have been saved where something is already. Nothing was written.
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { FolderExistsError, train } from 'gnnrec'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'model-'))
 * await writeFile(join(folder, 'notes.txt'), 'mine')
 * const events = ['ann', 'bob', 'cem', 'dee'].flatMap((user, place) =>
 *   ['tea', 'jam', 'egg', 'ham', 'rye'].slice(place % 2).map((item) => ({ user, item })),
 * )
 * const result = await train(events, { model: 'item-knn' })
 * await result.save(folder).catch((error: unknown) => {
 *   console.log(error instanceof FolderExistsError)
 * })
 * ```
 */
export class FolderExistsError extends GnnRecError<'FOLDER_EXISTS'> {
  constructor(message: string) {
    super('FOLDER_EXISTS', message)
  }
}
