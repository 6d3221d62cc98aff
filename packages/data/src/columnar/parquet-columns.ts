import type { FileMetaData, ParquetType, SchemaElement } from 'hyparquet'
import {
  type ColumnKind,
  decimalKind,
  decimalOf,
  secondsFrom,
  type TypedColumn,
} from './column-kinds.js'

/** A function that turns a value as it is stored into an id, a number or seconds since 1970. */
type Convert = (stored: unknown) => unknown

interface Meaning {
  readonly kind: ColumnKind
  readonly convert?: Convert
}

/** A column of a Parquet file with the conversion of its stored values. */
export interface ParquetColumn extends TypedColumn {
  readonly convert: Convert
  /** True when values may be missing. */
  readonly isOptional: boolean
  /** The type in which the values are stored. */
  readonly type: ParquetType | undefined
  /** The length of a stored value in bytes when all have the same. */
  readonly valueBytes: number | undefined
}

/** Returns the columns of a file. Nested ones have the kind `'list or structure'`. */
export function parquetColumns({ schema }: FileMetaData): ParquetColumn[] {
  const columns: ParquetColumn[] = []
  for (let place = 1; place < schema.length; place++) {
    const element = schema[place]
    const { kind, convert = unchanged } = meaningOf(element)
    const isOptional = element.repetition_type !== 'REQUIRED'
    const { name, type } = element
    columns.push({ name, kind, convert, isOptional, type, valueBytes: valueBytes(element) })
    place += descendants(schema, place)
  }
  return columns
}

function valueBytes({ type, type_length: length }: SchemaElement): number | undefined {
  if (type === 'FIXED_LEN_BYTE_ARRAY') return length
  if (type === 'INT32' || type === 'FLOAT') return 4
  return type === 'INT64' || type === 'DOUBLE' ? 8 : undefined
}

/**
 * Returns metadata in which the columns have no more than their physical types, so that the decoder returns
 * what is stored and this package alone decides what it means. Texts and bytes are marked as texts, which
 * the decoder passes through `stringFromBytes`, once for each entry of a dictionary.
 */
export function withoutMeanings(
  metadata: FileMetaData,
  columns: readonly ParquetColumn[],
): FileMetaData {
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]))
  const schema = metadata.schema.map((element): SchemaElement => {
    const kind = kinds.get(element.name)
    if (element.num_children || kind === undefined) return element
    const { type, type_length, repetition_type, name } = element
    const isText = (kind === 'text' && element.logical_type?.type !== 'UUID') || kind === 'bytes'
    return {
      name,
      ...(isText && { converted_type: 'UTF8' }),
      ...(type && { type }),
      ...(type_length !== undefined && { type_length }),
      ...(repetition_type && { repetition_type }),
    }
  })
  return { ...metadata, schema }
}

function descendants(schema: FileMetaData['schema'], place: number): number {
  let count = 0
  for (let child = 0; child < (schema[place].num_children ?? 0); child++) {
    count += 1 + descendants(schema, place + count + 1)
  }
  return count
}

const unchanged: Convert = (value) => value

function meaningOf(element: SchemaElement): Meaning {
  if (element.num_children || element.repetition_type === 'REPEATED') {
    return { kind: 'list or structure' }
  }
  const meaning = logicalMeaning(element) ?? convertedMeaning(element) ?? physicalMeaning(element)
  const types = storedTypes[meaning.kind]
  const fits = types === undefined || types.some((type) => type === element.type)
  return fits ? meaning : { kind: 'other' }
}

/** The types in which values of a kind can be stored. A kind without types is never read. */
const storedTypes: Readonly<Partial<Record<ColumnKind, readonly ParquetType[]>>> = {
  integer: ['INT32', 'INT64'],
  float: ['FLOAT', 'DOUBLE', 'FIXED_LEN_BYTE_ARRAY'],
  decimal: ['INT32', 'INT64', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  text: ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  bytes: ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  timestamp: ['INT64', 'INT96'],
  date: ['INT32'],
}

function logicalMeaning(element: SchemaElement): Meaning | undefined {
  const { logical_type: logical } = element
  switch (logical?.type) {
    case 'STRING':
    case 'ENUM':
      return { kind: 'text' }
    case 'UUID':
      return { kind: 'text', convert: uuid }
    case 'DECIMAL':
      return decimal(logical.scale)
    case 'DATE':
      return { kind: 'date', convert: days }
    case 'TIME':
      return { kind: 'time of day' }
    case 'TIMESTAMP':
      return timestamp({ MILLIS: 1e3, MICROS: 1e6, NANOS: 1e9 }[logical.unit] as 1e3 | 1e6 | 1e9)
    case 'INTEGER':
      return integer(logical.isSigned ? 0 : logical.bitWidth)
    case 'FLOAT16':
      return { kind: 'float', convert: float16 }
    case 'INTERVAL':
      return { kind: 'duration' }
    case 'NULL':
      return { kind: 'integer' }
    case undefined:
      return undefined
    default:
      return { kind: 'other' }
  }
}

function convertedMeaning({
  converted_type: converted,
  scale,
}: SchemaElement): Meaning | undefined {
  switch (converted) {
    case 'UTF8':
    case 'ENUM':
      return { kind: 'text' }
    case 'DECIMAL':
      return decimal(scale ?? 0)
    case 'DATE':
      return { kind: 'date', convert: days }
    case 'TIME_MILLIS':
    case 'TIME_MICROS':
      return { kind: 'time of day' }
    case 'TIMESTAMP_MILLIS':
      return timestamp(1e3)
    case 'TIMESTAMP_MICROS':
      return timestamp(1e6)
    case 'UINT_32':
      return integer(32)
    case 'UINT_64':
      return integer(64)
    case 'UINT_8':
    case 'UINT_16':
    case 'INT_8':
    case 'INT_16':
    case 'INT_32':
    case 'INT_64':
      return { kind: 'integer' }
    case 'INTERVAL':
      return { kind: 'duration' }
    case undefined:
      return undefined
    default:
      return { kind: 'other' }
  }
}

function physicalMeaning({ type }: SchemaElement): Meaning {
  switch (type) {
    case 'INT32':
    case 'INT64':
      return { kind: 'integer' }
    case 'FLOAT':
    case 'DOUBLE':
      return { kind: 'float' }
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return { kind: 'bytes' }
    case 'INT96':
      return timestamp(1e9)
    case 'BOOLEAN':
      return { kind: 'boolean' }
    default:
      return { kind: 'other' }
  }
}

const uuid: Convert = (value) => {
  if (!(value instanceof Uint8Array)) return value
  return hexOf(value).replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/, '$1-$2-$3-$4-$5')
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const days: Convert = (value) => (typeof value === 'number' ? value * 86_400 : value)

function timestamp(perSecond: 1e3 | 1e6 | 1e9): Meaning {
  return {
    kind: 'timestamp',
    convert: (value) => (typeof value === 'bigint' ? secondsFrom(value, perSecond) : value),
  }
}

/** Returns the meaning of integers. Unsigned ones of 32 and 64 bits are stored as signed ones. */
function integer(unsignedBits: number): Meaning {
  return {
    kind: 'integer',
    convert: (value) => {
      if (unsignedBits === 32 && typeof value === 'number') return value >>> 0
      return unsignedBits === 64 && typeof value === 'bigint' ? BigInt.asUintN(64, value) : value
    },
  }
}

function decimal(scale: number): Meaning {
  return {
    kind: decimalKind(scale),
    convert: (value) => {
      if (value instanceof Uint8Array) return decimalOf(bigEndian(value), scale)
      const isInteger = typeof value === 'number' || typeof value === 'bigint'
      return isInteger ? decimalOf(BigInt(value), scale) : value
    },
  }
}

/** Returns the integer that bytes stand for in two's complement, the highest byte first. */
function bigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hexOf(bytes)}`))
}

const float16: Convert = (value) => {
  if (!(value instanceof Uint8Array) || value.length !== 2) return value
  const [low, high] = value
  const sign = high & 0x80 ? -1 : 1
  const exponent = (high >> 2) & 0x1f
  const fraction = ((high & 3) << 8) | low
  if (exponent === 0) return sign * 2 ** -24 * fraction
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}
