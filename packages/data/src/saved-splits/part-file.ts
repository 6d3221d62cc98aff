import {
  checkInteractions,
  type InteractionTable,
  InvalidInteractionsError,
  rowCount,
  yieldToEventLoop,
} from '@gnnrec/graph'
import { FileDraft, Sha256 } from '@gnnrec/graph/files'

const rowsPerTurn = 1 << 13

/**
 * Writes rows as CSV with the original ids, and waits until they are on disk.
 *
 * @returns the SHA-256 of the file in hexadecimal digits
 */
export async function writePart(
  path: string,
  table: InteractionTable,
  columns: { readonly rating: boolean; readonly timestamp: boolean },
  signal: AbortSignal | undefined,
): Promise<string> {
  checkInteractions(table, path)
  const { users, items, userIndex, itemIndex } = table
  const rating = columns.rating ? table.rating : undefined
  const timestamp = columns.timestamp ? table.timestamp : undefined
  const hash = new Sha256()
  const file = await FileDraft.create(path)
  try {
    const write = async (text: string): Promise<void> => {
      hash.update(text)
      await file.write(text)
    }
    const header = [
      'user',
      'item',
      ...(rating ? ['rating'] : []),
      ...(timestamp ? ['timestamp'] : []),
    ]
    let lines = [header.join(',')]
    for (let row = 0; row < rowCount(table); row++) {
      const ids = `${field(users.idOf(userIndex[row]))},${field(items.idOf(itemIndex[row]))}`
      const rated = rating ? `,${shortest(rating[row])}` : ''
      lines.push(`${ids}${rated}${timestamp ? `,${timestamp[row]}` : ''}`)
      if (lines.length < rowsPerTurn) continue
      await write(`${lines.join('\n')}\n`)
      lines = []
      await yieldToEventLoop()
      signal?.throwIfAborted()
    }
    if (lines.length > 0) await write(`${lines.join('\n')}\n`)
    await file.publish()
  } finally {
    await file.discard()
  }
  return hash.hex()
}

/** Returns an id as a CSV field, in quotes where it needs them. */
function field(id: string | number): string {
  const text = String(id)
  if (text === '') {
    throw new InvalidInteractionsError(
      'An id is an empty string, which a file cannot tell from a missing id. Give every user and item an id that is not empty.',
    )
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw new InvalidInteractionsError(
      `The id ${JSON.stringify(text)} has half of a surrogate pair, which is not a character that a file can hold. Give the user or item another id.`,
    )
  }
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Returns the shortest decimal that has the same single-precision value: 3.3, not 3.299999952316284. */
function shortest(rating: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = rating.toPrecision(digits)
    if (Math.fround(Number(text)) === rating) return String(Number(text))
  }
  return String(rating)
}
