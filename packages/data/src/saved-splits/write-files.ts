import {
  type Id,
  type InteractionTable,
  InvalidInteractionsError,
  rowCount,
  yieldToEventLoop,
} from '@gnnrec/graph'
import { csvField, FileDraft, Sha256 } from '@gnnrec/graph/files'
import { isUtf16 } from '../readers/encoding-check.js'
import { maxRecordBytes } from '../readers/record-scanner.js'
import { nodeModule } from '../sources/node-files.js'
import { hasHalfPair } from '../tables/broken-text.js'
import { dataFileName, type PartName, plainFileName, type SavedFile } from './split-json.js'

const rowsPerTurn = 1 << 13

/** The most bytes of the ids of a record, beside which it has a rating, a timestamp and a weight. */
const mostIdBytes = maxRecordBytes - 100

/** Writes rows as CSV with the original ids, and waits until they are on disk. */
export function writePart(
  folder: string,
  name: PartName,
  table: InteractionTable,
  signal: AbortSignal | undefined,
): Promise<SavedFile> {
  return writeDigested(folder, name, csvPieces(table), signal)
}

/** Writes ids as a JSON array in the order of their indices, and waits until they are on disk. */
export function writeIds(
  folder: string,
  name: 'users' | 'items',
  ids: readonly Id[],
  signal: AbortSignal | undefined,
): Promise<SavedFile> {
  return writeDigested(folder, name, jsonPieces(ids), signal)
}

/** Writes pieces of text to a file that is named by their digest. */
async function writeDigested(
  folder: string,
  name: PartName | 'users' | 'items',
  pieces: Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<SavedFile> {
  const hash = new Sha256()
  const encoder = new TextEncoder()
  let bytes = 0
  const draft = await FileDraft.create(nodeModule('node:path').join(folder, plainFileName(name)))
  try {
    for (const piece of pieces) {
      const encoded = encoder.encode(piece)
      if (bytes === 0 && isUtf16(encoded)) {
        throw new InvalidInteractionsError(
          'The ids are mostly the character NUL, so that a file of them would not pass for text. Give users and items other ids.',
        )
      }
      hash.update(encoded)
      bytes += encoded.length
      await draft.write(encoded)
      await yieldToEventLoop()
      signal?.throwIfAborted()
    }
    const sha256 = hash.hex()
    const file = dataFileName(name, sha256)
    await draft.publish(file)
    return { file, bytes, sha256 }
  } finally {
    await draft.discard()
  }
}

function* csvPieces(table: InteractionTable): Generator<string> {
  const { users, items, userIndex, itemIndex, rating, timestamp, weight } = table
  const header = ['user', 'item']
  if (rating) header.push('rating')
  if (timestamp) header.push('timestamp')
  if (weight) header.push('weight')
  let lines = [header.join(',')]
  for (let row = 0; row < rowCount(table); row++) {
    const ids = `${field(users.idOf(userIndex[row]))},${field(items.idOf(itemIndex[row]))}`
    rejectLongIds(ids)
    const rated = rating ? `,${shortest(rating[row])}` : ''
    const timed = timestamp ? `,${timestamp[row]}` : ''
    lines.push(`${ids}${rated}${timed}${weight ? `,${shortest(weight[row])}` : ''}`)
    if (lines.length < rowsPerTurn) continue
    yield `${lines.join('\n')}\n`
    lines = []
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`
}

/** Checks that a record with these ids is short enough to be read. */
function rejectLongIds(ids: string): void {
  // A character takes at most three bytes.
  if (3 * ids.length <= mostIdBytes) return
  const bytes = new TextEncoder().encode(ids).length
  if (bytes <= mostIdBytes) return
  throw new InvalidInteractionsError(
    `The ids of a user and an item have ${bytes} bytes together, and a row of a file can hold ${mostIdBytes}. Give them shorter ids.`,
  )
}

function* jsonPieces(ids: readonly Id[]): Generator<string> {
  yield '['
  for (let start = 0; start < ids.length; start += rowsPerTurn) {
    const piece = JSON.stringify(ids.slice(start, start + rowsPerTurn)).slice(1, -1)
    yield start === 0 ? piece : `,${piece}`
  }
  yield ']'
}

/** Returns an id as a CSV field, in quotes where it needs them. */
function field(id: Id): string {
  const text = String(id)
  if (text === '') {
    throw new InvalidInteractionsError(
      'An id is an empty string, which a file cannot tell from a missing id. Give every user and item an id that is not empty.',
    )
  }
  if (hasHalfPair(text)) {
    throw new InvalidInteractionsError(
      `The id ${JSON.stringify(text)} has half of a surrogate pair, which is not a character that a file can hold. Give the user or item another id.`,
    )
  }
  return csvField(text)
}

/** Returns the shortest decimal that has the same single-precision value: 3.3, not 3.299999952316284. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return String(value)
}
