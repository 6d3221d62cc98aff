import type { Id } from '@gnnrec/graph'
import type { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { SerializationError } from '../model-folder/errors.js'
import type { Recommendation } from '../recommenders/recommendation.js'
import type { RecommendationEncoder } from './encoder.js'

/** Number of rows that are held back until they make a row group. */
const rowsPerGroup = 100_000

/**
 * An encoder that writes a row per item, compressed by Snappy: `user`, `item` (text, or 64-bit integers where ids are
 * numbers), `rank` from 1, and `score` in float32.
 */
export class ParquetEncoder implements RecommendationEncoder {
  readonly #bytes: ByteWriter
  readonly #createWriter: (user: Id, item: Id) => ParquetWriter
  #writer: ParquetWriter | undefined
  #rows: Rows = emptyRows()

  /** Loads the library. @throws SerializationError when hyparquet-writer is not installed */
  static async create(): Promise<ParquetEncoder> {
    try {
      return new ParquetEncoder(await import('hyparquet-writer'))
    } catch (cause) {
      throw new SerializationError(
        "Parquet needs the package hyparquet-writer: npm i hyparquet-writer, or write 'csv' or 'jsonl'.",
        { cause },
      )
    }
  }

  private constructor(library: typeof import('hyparquet-writer')) {
    this.#bytes = new library.ByteWriter()
    const idType = (id: Id) => (typeof id === 'number' ? 'INT64' : 'STRING')
    this.#createWriter = (user, item) =>
      new library.ParquetWriter({
        writer: this.#bytes,
        schema: library.schemaFromColumnData({
          columnData: [
            { name: 'user', data: [], type: idType(user), nullable: false },
            { name: 'item', data: [], type: idType(item), nullable: false },
            { name: 'rank', data: [], type: 'INT32', nullable: false },
            { name: 'score', data: [], type: 'FLOAT', nullable: false },
          ],
        }),
        createdBy: 'gnnrec',
      })
  }

  start(): Uint8Array {
    return new Uint8Array()
  }

  encode(block: readonly Recommendation[]): Uint8Array {
    for (const { user, items, scores } of block) {
      for (let place = 0; place < items.length; place++) {
        this.#rows.user.push(user)
        this.#rows.item.push(items[place])
        this.#rows.rank.push(place + 1)
        this.#rows.score.push(scores[place])
      }
    }
    if (this.#rows.rank.length >= rowsPerGroup) this.#writeGroup()
    return this.#taken()
  }

  finish(): Uint8Array {
    this.#writeGroup()
    // In a file without rows, ids are text.
    this.#writer ??= this.#createWriter('', '')
    this.#writer.finish()
    return this.#taken()
  }

  #writeGroup(): void {
    const { user, item, rank, score } = this.#rows
    if (rank.length === 0) return
    this.#writer ??= this.#createWriter(user[0], item[0])
    const ids = (values: Id[]) =>
      typeof values[0] === 'number' ? values.map((id) => BigInt(id)) : (values as string[])
    this.#writer.write({
      columnData: [
        { name: 'user', data: ids(user) },
        { name: 'item', data: ids(item) },
        { name: 'rank', data: Int32Array.from(rank) },
        { name: 'score', data: Float32Array.from(score) },
      ],
      rowGroupSize: rank.length,
    })
    this.#rows = emptyRows()
  }

  /** Takes the bytes that were written since the last call; positions in the file go on. */
  #taken(): Uint8Array {
    const taken = this.#bytes.getBytes().slice()
    this.#bytes.index = 0
    return taken
  }
}

interface Rows {
  readonly user: Id[]
  readonly item: Id[]
  readonly rank: number[]
  readonly score: number[]
}

function emptyRows(): Rows {
  return { user: [], item: [], rank: [], score: [] }
}
