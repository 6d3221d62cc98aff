import { Binary, BinaryView, DataType, Int64, LargeBinary, type Schema, Vector } from 'apache-arrow'
import type { BatchColumn } from './column-batches.js'
import {
  type ColumnKind,
  decimalKind,
  decimalOf,
  secondsFrom,
  type TypedColumn,
  textOrBytes,
} from './column-kinds.js'

/** Returns the columns of Arrow data. */
export function arrowColumns({ fields }: Schema): TypedColumn[] {
  return fields.map(({ name, type }) => ({ name, kind: kindOf(type) }))
}

function kindOf(type: DataType): ColumnKind {
  if (DataType.isDictionary(type)) return kindOf(type.dictionary)
  // A column of the type Null has no values, which is reported row by row.
  if (DataType.isInt(type) || DataType.isNull(type)) return 'integer'
  if (DataType.isFloat(type)) return 'float'
  if (DataType.isDecimal(type)) return decimalKind(type.scale)
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type))
    return 'text'
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type))
    return 'bytes'
  if (DataType.isFixedSizeBinary(type)) return 'bytes'
  if (DataType.isTimestamp(type)) return 'timestamp'
  if (DataType.isDate(type)) return 'date'
  if (DataType.isTime(type)) return 'time of day'
  if (DataType.isInterval(type) || DataType.isDuration(type)) return 'duration'
  if (DataType.isBool(type)) return 'boolean'
  const isNested =
    DataType.isList(type) ||
    DataType.isLargeList(type) ||
    DataType.isFixedSizeList(type) ||
    DataType.isStruct(type) ||
    DataType.isMap(type) ||
    DataType.isUnion(type)
  return isNested ? 'list or structure' : 'other'
}

/** Returns the values of a column as ids, numbers or seconds since 1970. */
export function arrowValues(vector: Vector): BatchColumn {
  return { length: vector.length, at: valueReader(vector) }
}

function valueReader(vector: Vector): (row: number) => unknown {
  const { type } = vector
  if (DataType.isDictionary(type)) return dictionaryReader(vector)
  switch (kindOf(type)) {
    case 'text':
    case 'bytes': {
      const stored = asBytes(vector)
      return (row) => {
        const bytes = stored.get(row)
        return bytes instanceof Uint8Array ? textOrBytes(bytes) : bytes
      }
    }
    case 'decimal':
      return (row) => {
        const words = vector.get(row)
        return words === null ? null : decimalOf(littleEndian(words), type.scale)
      }
    case 'timestamp': {
      const counts = viewAs(vector, new Int64())
      const perSecond = ([1, 1e3, 1e6, 1e9] as const)[type.unit as 0 | 1 | 2 | 3]
      return (row) => {
        const count = counts.get(row)
        return count === null ? null : secondsFrom(count, perSecond)
      }
    }
    case 'date':
      return (row) => {
        const milliseconds = vector.get(row)
        return milliseconds === null ? null : Number(milliseconds) / 1000
      }
    default:
      return (row) => vector.get(row)
  }
}

/** Reads values by their places in a dictionary. Each entry of the dictionary is converted once. */
function dictionaryReader(vector: Vector): (row: number) => unknown {
  const [{ dictionary, type }] = vector.data
  if (dictionary === undefined) return () => undefined
  const places = viewAs(vector, type.indices)
  const entry = valueReader(dictionary)
  const known = new Map<number, unknown>()
  return (row) => {
    const place = places.get(row)
    if (place === null) return null
    const index = Number(place)
    if (!known.has(index)) known.set(index, entry(index))
    return known.get(index)
  }
}

/** Returns the same vector with its texts as bytes. The library would replace bytes that are not UTF-8. */
function asBytes(vector: Vector): Vector {
  if (DataType.isUtf8(vector.type)) return viewAs(vector, new Binary())
  if (DataType.isLargeUtf8(vector.type)) return viewAs(vector, new LargeBinary())
  return DataType.isUtf8View(vector.type) ? viewAs(vector, new BinaryView()) : vector
}

/** Returns a vector that reads the same buffers as another type of the same layout. */
function viewAs(vector: Vector, type: DataType): Vector {
  return new Vector(vector.data.map((data) => data.clone(type)))
}

/** Returns the integer that words of 32 bits stand for in two's complement, the lowest word first. */
function littleEndian(words: ArrayLike<number>): bigint {
  let value = 0n
  for (let place = words.length - 1; place >= 0; place--) {
    value = (value << 32n) | BigInt(words[place] >>> 0)
  }
  return BigInt.asIntN(words.length * 32, value)
}
