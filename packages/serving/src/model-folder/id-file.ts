import { type Id, IdMap } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import { SerializationError } from './errors.js'
import { parseJson, parseWith } from './parse-file.js'

// The elements are looked at one by one until the first wrong one.
const column = z.array(z.unknown())
const idFileSchema = z.object({ users: column, items: column })

/** Encodes ids in index order, as JSON: strings stay strings ('007') and numbers stay numbers. */
export function encodeIds(users: IdMap, items: IdMap): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ users: users.ids, items: items.ids }))
}

/**
 * Decodes the ids that {@link encodeIds} wrote.
 *
 * @param file - the file's name, for errors
 * @throws SerializationError when ids do not have the expected type, count or order
 */
export function decodeIds<UserId extends Id, ItemId extends Id>(
  bytes: Uint8Array,
  expected: {
    counts: { users: number; items: number }
    idTypes: { users: 'string' | 'number'; items: 'string' | 'number' }
  },
  file: string,
): { users: IdMap<UserId>; items: IdMap<ItemId> } {
  const columns = parseWith(idFileSchema, parseJson(bytes, file), file)
  const read = (side: 'users' | 'items') =>
    toIdMap(columns[side], expected.counts[side], expected.idTypes[side], `${file}: '${side}'`)
  return { users: read('users') as IdMap<UserId>, items: read('items') as IdMap<ItemId> }
}

function toIdMap(
  ids: readonly unknown[],
  size: number,
  type: 'string' | 'number',
  place: string,
): IdMap {
  if (ids.length !== size) {
    throw new SerializationError(`${place} holds ${ids.length} ids; model.json counts ${size}.`)
  }
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index] as Id
    if (typeof id !== type || (type === 'number' && !Number.isSafeInteger(id))) {
      throw new SerializationError(
        `${place} holds ${showValue(id)} at index ${index}; expected a ${type === 'number' ? 'safe integer' : 'string'}.`,
      )
    }
    // IdMap sorts: with ids out of order, every index would silently mean another id.
    if (index > 0 && (ids[index - 1] as Id) >= id) {
      throw new SerializationError(
        `${place} is not in ascending order at index ${index} (${showValue(ids[index - 1])}, ${showValue(id)}).`,
      )
    }
  }
  return IdMap.from(ids as Id[])
}
