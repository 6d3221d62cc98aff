import type { DataType, Schema, Vector } from 'apache-arrow'
import type { BatchColumn } from './column-batches.js'
import {
  type ColumnKind,
  decimalOf,
  secondsFrom,
  type TypedColumn,
  textOrBytes,
} from './column-kinds.js'

type Arrow = typeof import('apache-arrow')

/** Returns the columns of Arrow data. */
export function arrowColumns(arrow: Arrow, { fields }: Schema): TypedColumn[] {
  return fields.map(({ name, type }) => ({ name, kind: kindOf(arrow, type) }))
}

function kindOf(arrow: Arrow, type: DataType): ColumnKind {
  const { DataType: Types } = arrow
  if (Types.isDictionary(type)) return kindOf(arrow, type.dictionary)
  // A column of the type Null has no values, which is reported row by row.
  if (Types.isInt(type) || Types.isNull(type)) return 'integer'
  if (Types.isFloat(type)) return 'float'
  if (Types.isDecimal(type)) return 'decimal'
  if (Types.isUtf8(type) || Types.isLargeUtf8(type) || Types.isUtf8View(type)) return 'text'
  if (Types.isBinary(type) || Types.isLargeBinary(type) || Types.isBinaryView(type)) return 'bytes'
  if (Types.isFixedSizeBinary(type)) return 'bytes'
  if (Types.isTimestamp(type)) return 'timestamp'
  if (Types.isDate(type)) return 'date'
  if (Types.isTime(type)) return 'time of day'
  if (Types.isInterval(type) || Types.isDuration(type)) return 'duration'
  if (Types.isBool(type)) return 'boolean'
  const isNested =
    Types.isList(type) ||
    Types.isLargeList(type) ||
    Types.isFixedSizeList(type) ||
    Types.isStruct(type) ||
    Types.isMap(type) ||
    Types.isUnion(type)
  return isNested ? 'list or structure' : 'other'
}

/** Returns the values of a column as ids, numbers or seconds since 1970. */
export function arrowValues(arrow: Arrow, vector: Vector): BatchColumn {
  return { length: vector.length, at: valueReader(arrow, vector) }
}

function valueReader(arrow: Arrow, vector: Vector): (row: number) => unknown {
  const { DataType: Types } = arrow
  const { type } = vector
  if (Types.isDictionary(type)) return dictionaryReader(arrow, vector)
  switch (kindOf(arrow, type)) {
    case 'text':
    case 'bytes': {
      const stored = asBytes(arrow, vector)
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
      const counts = viewAs(arrow, vector, new arrow.Int64())
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
function dictionaryReader(arrow: Arrow, vector: Vector): (row: number) => unknown {
  const [{ dictionary, type }] = vector.data
  if (dictionary === undefined) return () => undefined
  const places = viewAs(arrow, vector, type.indices)
  const entry = valueReader(arrow, dictionary)
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
function asBytes(arrow: Arrow, vector: Vector): Vector {
  const { DataType: Types, Binary, BinaryView, LargeBinary } = arrow
  if (Types.isUtf8(vector.type)) return viewAs(arrow, vector, new Binary())
  if (Types.isLargeUtf8(vector.type)) return viewAs(arrow, vector, new LargeBinary())
  return Types.isUtf8View(vector.type) ? viewAs(arrow, vector, new BinaryView()) : vector
}

/** Returns a vector that reads the same buffers as another type of the same layout. */
function viewAs(arrow: Arrow, vector: Vector, type: DataType): Vector {
  return new arrow.Vector(vector.data.map((data) => data.clone(type)))
}

/** Returns the integer that words of 32 bits stand for in two's complement, the lowest word first. */
function littleEndian(words: ArrayLike<number>): bigint {
  let value = 0n
  for (let place = words.length - 1; place >= 0; place--) {
    value = (value << 32n) | BigInt(words[place] >>> 0)
  }
  return BigInt.asIntN(words.length * 32, value)
}
