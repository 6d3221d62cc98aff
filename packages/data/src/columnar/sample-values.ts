import type { BatchColumn } from './column-batches.js'
import type { ColumnKind } from './column-kinds.js'

/** The number of rows that are sampled. */
const sampledRows = 1000

/** The kinds of columns of which values are sampled: those that a role can have. */
const sampledKinds: readonly ColumnKind[] = [
  'integer',
  'float',
  'decimal',
  'text',
  'bytes',
  'timestamp',
  'date',
]

/** Returns true for a kind of column of which values are sampled. */
export function isSampled(kind: ColumnKind): boolean {
  return sampledKinds.includes(kind)
}

/** Returns the first values of a column as texts: times in ISO 8601, bytes that are no text in hexadecimal digits. */
export function sampleOf(column: BatchColumn, kind: ColumnKind): (string | undefined)[] {
  const rows = Math.min(sampledRows, column.length)
  return Array.from({ length: rows }, (_, row) => textOf(column.at(row), kind))
}

function textOf(value: unknown, kind: ColumnKind): string | undefined {
  if (value === null || value === undefined) return undefined
  if (value instanceof Uint8Array) {
    return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }
  if (kind !== 'timestamp' && kind !== 'date') return String(value)
  const date = new Date(Number(value) * 1000)
  if (Number.isNaN(date.getTime())) return String(value)
  const text = date.toISOString()
  return kind === 'date' ? text.slice(0, 10) : text.replace(/\.000Z$/, 'Z')
}
