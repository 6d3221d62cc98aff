import { invalidValueReason } from '@gnnrec/graph/files'
import { FileFormatError } from '../errors.js'
import type { RecordView } from './record-scanner.js'
import { numberOfText, timeOfText } from './text-values.js'

const powersOfTen = Float64Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

/** The character before the decimals of a number. */
export type DecimalMark = '.' | ','

const otherMark = { '.': ',', ',': '.' } as const

/** Returns a number that is written with a decimal mark as one with a decimal point. */
export function withPoint(text: string, decimal: DecimalMark): string {
  if (decimal === '.') return text
  // A point in such a number separates thousands or is a mistake; neither is a number in a file.
  return text.includes('.') ? '' : text.replace(',', '.')
}

/**
 * Reads a rating, a timestamp or a weight from a field.
 *
 * Numbers of up to 15 digits are read without making a string. The digits and the power of ten are then
 * both exact in float64, so their quotient is the same nearest number that `Number` gives. Such numbers
 * always fit, except for weights that are not above 0.
 *
 * @throws FileFormatError when the field is not a number or does not fit into its column
 */
export function numberIn(
  record: RecordView,
  field: number,
  what: 'rating' | 'timestamp' | 'weight',
  file: string,
  decimal: DecimalMark = '.',
): number {
  const { bytes } = record
  const mark = decimal === '.' ? 0x2e : 0x2c
  const end = record.ends[field]
  let at = record.starts[field]
  const isNegative = bytes[at] === 0x2d
  if (isNegative) at++
  let digits = 0
  let value = 0
  let decimals = -1
  for (; at < end; at++) {
    const byte = bytes[at]
    if (byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + (byte - 0x30)
      digits++
      if (decimals >= 0) decimals++
    } else if (byte === mark && decimals < 0) decimals = 0
    else break
  }
  const mayFit = what !== 'weight' || (value > 0 && !isNegative)
  if (at === end && digits > 0 && digits <= 15 && mayFit) {
    if (decimals > 0) value /= powersOfTen[decimals]
    return isNegative ? -value : value
  }
  const text = record.text(field)
  const slow = numberOfText(withPoint(text, decimal))
  const reason = invalidValueReason(what, slow)
  if (slow !== undefined && reason === undefined) return slow
  const advice =
    what === 'timestamp' && timeOfText(text) !== undefined
      ? " It is a time in ISO 8601, which readCsv reads with timestampFormat: 'iso'."
      : slow === undefined && numberOfText(withPoint(text, otherMark[decimal])) !== undefined
        ? ` readCsv reads it with decimal: '${otherMark[decimal]}'.`
        : ''
  throw new FileFormatError(
    file,
    record.line,
    `got the ${what} ${JSON.stringify(text)}, ${reason}.${advice}`,
  )
}
