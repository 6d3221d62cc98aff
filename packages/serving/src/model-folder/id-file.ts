import { type Id, IdMap } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { SerializationError } from './errors.js'
import { parseJson, parseWith } from './parse-file.js'

const column = z.array(z.union([z.string(), z.number()]))
const idFileSchema = z.object({ users: column, items: column })

/** Writes the ids in index order, as JSON: strings stay strings ('007') and numbers numbers. */
export function encodeIds(users: IdMap, items: IdMap): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ users: users.ids, items: items.ids }))
}

/**
 * Reads what {@link encodeIds} wrote.
 *
 * @throws SerializationError when ids are not of the expected type, count or order
 */
export function decodeIds(
  bytes: Uint8Array,
  expected: {
    counts: { users: number; items: number }
    idTypes: { users: 'string' | 'number'; items: 'string' | 'number' }
  },
  file: string,
): { users: IdMap; items: IdMap } {
  const columns = parseWith(idFileSchema, parseJson(bytes, file), file)
  const read = (side: 'users' | 'items') =>
    toIdMap(columns[side], expected.counts[side], expected.idTypes[side], `${file}: '${side}'`)
  return { users: read('users'), items: read('items') }
}

function toIdMap(ids: Id[], size: number, type: 'string' | 'number', place: string): IdMap {
  if (ids.length !== size) {
    throw new SerializationError(`${place} holds ${ids.length} ids; model.json counts ${size}.`)
  }
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index]
    if (typeof id !== type || (type === 'number' && !Number.isSafeInteger(id))) {
      throw new SerializationError(
        `${place} holds ${JSON.stringify(id)} at index ${index}; expected a ${type === 'number' ? 'safe integer' : 'string'}.`,
      )
    }
    // IdMap sorts; out of order, every index would silently mean another id.
    if (index > 0 && ids[index - 1] >= id) {
      throw new SerializationError(
        `${place} is not in ascending order at index ${index} (${JSON.stringify(ids[index - 1])}, ${JSON.stringify(id)}).`,
      )
    }
  }
  return IdMap.from(ids)
}
