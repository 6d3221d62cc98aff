import { FileFormatError } from '../errors.js'
import type { RecordView } from './record-scanner.js'
import {
  type DateOrder,
  localTimeOfText,
  numberOfText,
  secondsOf,
  timeOfText,
} from './text-values.js'

const fastForm = '0000-00-00T00:00:00Z'

/**
 * Reads a time in ISO 8601, such as `2010-10-19T23:55:27Z`, as seconds since 1970. A time without a zone
 * is UTC. Years from 0 to 9999 and offsets from -23:59 to +23:59 are allowed.
 *
 * @throws FileFormatError when the field is not such a time
 */
export function timeIn(record: RecordView, field: number, file: string): number {
  const fast = fastTime(record, field)
  if (fast !== undefined) return fast
  const text = record.text(field)
  const time = timeOfText(text)
  if (time !== undefined) return time
  const advice =
    numberOfText(text) === undefined ? '' : " Leave out timestampFormat: 'iso' to read numbers."
  throw new FileFormatError(
    file,
    record.line,
    `got the time ${JSON.stringify(text)}, expected the form 2010-10-19T23:55:27Z.${advice}`,
  )
}

/**
 * Returns a function that reads dates such as `31/12/2024 18:30` as seconds since 1970 in UTC.
 *
 * @throws FileFormatError (the function) when the field is not such a date
 */
export function localTimeIn(order: DateOrder) {
  return (record: RecordView, field: number, file: string): number => {
    const text = record.text(field)
    const time = localTimeOfText(text, order)
    if (time !== undefined) return time
    const form = order === 'day-first' ? '31/12/2024 18:30' : '12/31/2024 18:30'
    throw new FileFormatError(
      file,
      record.line,
      `got the time ${JSON.stringify(text)}, expected the form ${form} (timestampFormat: '${order}').`,
    )
  }
}

/** Reads the most common form without making a string. */
function fastTime(record: RecordView, field: number): number | undefined {
  const { bytes } = record
  const start = record.starts[field]
  if (record.ends[field] - start !== fastForm.length) return undefined
  for (let place = 0; place < fastForm.length; place++) {
    const byte = bytes[start + place]
    const wanted = fastForm.charCodeAt(place)
    if (wanted === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== wanted) return undefined
  }
  const two = (place: number): number =>
    (bytes[start + place] - 0x30) * 10 + bytes[start + place + 1] - 0x30
  return secondsOf(two(0) * 100 + two(2), two(5), two(8), two(11), two(14), two(17))
}
