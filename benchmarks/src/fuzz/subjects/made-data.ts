import {
  fromRecords,
  type InteractionTable,
  interactionLists,
  type Split,
  splitRows,
} from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import { EmbeddingRecommender } from '@gnnrec/serving'

/** Columns of 40 made interactions of 8 users with 10 items. */
export const madeColumns = {
  user: rows((row) => `u${row % 8}`),
  item: rows((row) => (7 * row + (row % 3)) % 10),
  rating: rows((row) => 1 + (row % 5)),
  timestamp: rows((row) => 1_500_000_000 + 3600 * row),
}

function rows<T>(value: (row: number) => T): T[] {
  return Array.from({ length: 40 }, (_, row) => value(row))
}

/** Writes the made interactions as lines of text. */
export function madeLines(line: (row: number) => string, header?: string): Uint8Array {
  const lines = madeColumns.user.map((_, row) => line(row))
  return bytesOf(`${[...(header === undefined ? [] : [header]), ...lines].join('\n')}\n`)
}

/** Returns a split of the made interactions: 30 rows to train on, 5 for validation and 5 for the test. */
export function madeSplit(): Split {
  const records = madeColumns.user.map((user, row) => ({
    user,
    item: madeColumns.item[row],
    rating: madeColumns.rating[row],
    timestamp: madeColumns.timestamp[row],
  }))
  const all = madeColumns.user.map((_, row) => row)
  const parts = { train: all.slice(0, 30), validation: all.slice(30, 35), test: all.slice(35) }
  return splitRows(fromRecords(records), parts, { name: 'made', settings: { ratio: 0.75 } })
}

/** Returns a recommender by embeddings of 4 numbers, with seven users of these items. */
export function madeEmbeddings(itemCount: number): EmbeddingRecommender<number, number> {
  const embeddingDim = 4
  const rows = Array.from({ length: itemCount }, (_, item) => ({ user: item % 7, item }))
  const table = fromRecords(rows)
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, at) => Math.sin(at))
  return new EmbeddingRecommender({
    users: table.users,
    items: table.items,
    seen: interactionLists(table),
    embeddingDim,
    userEmbeddings: numbers(embeddingDim * table.users.size),
    itemEmbeddings: numbers(embeddingDim * itemCount),
  })
}

/** Returns a text that differs for different tables. */
export function digestOfTable(table: InteractionTable): string {
  const hash = new Sha256()
  hash.update(JSON.stringify([table.users.ids, table.items.ids]))
  for (const column of [table.userIndex, table.itemIndex, table.rating, table.timestamp]) {
    if (column) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  }
  return hash.hex()
}

/** Returns a text that differs for different values of JSON. */
export function digestOfJson(...values: readonly unknown[]): string {
  const hash = new Sha256()
  hash.update(JSON.stringify(values) ?? '')
  return hash.hex()
}

/** Returns a text that differs for different weights of a model. */
export async function digestOfWeights(model: {
  weights(): Promise<ReadonlyMap<string, { readonly data: ArrayLike<number> }>>
}): Promise<string> {
  const weights = await model.weights()
  return digestOfJson([...weights].map(([name, { data }]) => [name, ...Array.from(data)]))
}

/** Returns the bytes of a text in UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Returns the text of bytes in UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
