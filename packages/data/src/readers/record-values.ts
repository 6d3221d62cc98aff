import { FileFormatError } from '../errors.js'
import type { RecordView } from './record-scanner.js'
import { isCanonicalInteger } from './text-values.js'

/**
 * Checks that a field has an id.
 *
 * @throws FileFormatError when the field is empty
 */
export function rejectEmptyId(
  record: RecordView,
  field: number,
  what: 'user' | 'item',
  file: string,
): void {
  if (record.starts[field] < record.ends[field]) return
  throw new FileFormatError(file, record.line, `the ${what} is empty.`)
}

/**
 * Checks that a field has an id that is a number.
 *
 * @throws FileFormatError when the field is not a canonical safe integer
 */
export function rejectTextId(
  record: RecordView,
  field: number,
  what: 'user' | 'item',
  file: string,
): void {
  const text = record.text(field)
  if (isCanonicalInteger(text)) return
  throw new FileFormatError(
    file,
    record.line,
    `got the ${what} ${JSON.stringify(text)}, expected a safe integer without leading zeros. Pass idType: 'string' or 'auto' to keep such ids as strings.`,
  )
}
