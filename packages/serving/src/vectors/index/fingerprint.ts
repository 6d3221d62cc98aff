import type { Id, IdMap } from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import type { ScoredRows } from '../../recommenders/scored-rows.js'

/** Ids or bytes that are hashed before other work may run. */
const idsPerTurn = 1 << 14
const bytesPerTurn = 1 << 21

/** Computes the SHA-256 of the ids, vectors and biases of items: equal for the models whose items an index finds. */
export async function fingerprintOf(
  items: IdMap<Id>,
  { items: rows, bias }: ScoredRows,
): Promise<string> {
  const hash = new Sha256()
  hash.update(`${items.type} ${items.size} ${rows.length} ${bias ? 'bias' : 'no bias'}\n`)
  const pause = () => new Promise((resolve) => setTimeout(resolve))
  for (let first = 0; first < items.size; first += idsPerTurn) {
    const last = Math.min(items.size, first + idsPerTurn)
    const ids = Array.from({ length: last - first }, (_, at) => items.idOf(first + at))
    hash.update(`${JSON.stringify(ids)}\n`)
    await pause()
  }
  for (const numbers of bias ? [rows, bias] : [rows]) {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
    for (let first = 0; first < bytes.length; first += bytesPerTurn) {
      hash.update(bytes.subarray(first, first + bytesPerTurn))
      await pause()
    }
  }
  return hash.hex()
}
