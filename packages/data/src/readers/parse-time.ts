import { FileFormatError } from '../errors.js'
import type { RecordView } from './record-scanner.js'

const fastForm = '0000-00-00T00:00:00Z'

const timeForm =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?\s?(Z|UTC|[+-]\d\d:?\d\d)?)?$/

/**
 * Reads a time in ISO 8601, such as `2010-10-19T23:55:27Z`, as seconds since 1970. A time without a zone
 * is UTC.
 *
 * @throws FileFormatError when the field is not such a time
 */
export function timeIn(record: RecordView, field: number, file: string): number {
  const time = fastTime(record, field) ?? timeOfText(record.text(field))
  if (time !== undefined) return time
  throw new FileFormatError(
    file,
    record.line,
    `got the time ${JSON.stringify(record.text(field))}, expected the form 2010-10-19T23:55:27Z.`,
  )
}

/** Returns the seconds since 1970 of a text in ISO 8601, or `undefined` for another text. */
export function timeOfText(text: string): number | undefined {
  const match = timeForm.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = match
  const seconds = secondsOf(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  if (seconds === undefined) return undefined
  return seconds + Number(fraction) - zoneSeconds(zone)
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

function secondsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC turns 30 February into 2 March; such a date is refused.
  return new Date(milliseconds).getUTCDate() === day ? milliseconds / 1000 : undefined
}

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'UTC') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -60 : 60) * minutes
}
