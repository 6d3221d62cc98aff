/** Decimal digits with an optional sign, point and power of ten. */
const numberForm = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/

/**
 * Returns the number that a text in decimal notation stands for, or `undefined` for another text. Other
 * notations of JavaScript, such as `0x10`, `0b1`, `1_000` and `Infinity`, are not numbers in a file, and
 * neither is a number too large for float64.
 */
export function numberOfText(text: string): number | undefined {
  if (!numberForm.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

const secondsOf400Years = 146_097 * 86_400

const timeForm =
  /^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?\s*$/i

/** Returns the seconds since 1970 of a text in ISO 8601, or `undefined` for another text. */
export function timeOfText(text: string): number | undefined {
  const match = timeForm.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = match
  const offset = zoneSeconds(zone)
  const seconds = secondsOf(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  if (seconds === undefined || offset === undefined) return undefined
  return seconds + Number(`0.${fraction}`) - offset
}

/** The order of day and month in a date that is not ISO 8601. */
export type DateOrder = 'day-first' | 'month-first'

const localForm =
  /^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?)?\s*$/i

/**
 * Returns the seconds since 1970 of a date such as `31/12/2024` or `31.12.2024 18:30`, taken for UTC, or
 * `undefined` for another text.
 */
export function localTimeOfText(text: string, order: DateOrder): number | undefined {
  const match = localForm.exec(text)
  if (match === null) return undefined
  const [, first, , second, year, hour = '0', minute = '0', seconds = '0', half] = match
  const [day, month] = order === 'day-first' ? [first, second] : [second, first]
  let hours = Number(hour)
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return undefined
    hours = (hours % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0)
  }
  return secondsOf(Number(year), Number(month), Number(day), hours, Number(minute), Number(seconds))
}

/**
 * Returns the seconds since 1970 of a date and time of day in UTC, or `undefined` when there is no such
 * day or time.
 */
export function secondsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined
  // Date.UTC takes the years 0 to 99 for 1900 to 1999. The calendar repeats every 400 years.
  const later = Date.UTC(year + 400, month - 1, day, hour, minute, second)
  // Date.UTC turns 30 February into 2 March; such a date is refused.
  return new Date(later).getUTCDate() === day ? later / 1000 - secondsOf400Years : undefined
}

/** Returns the offset of a zone, or `undefined` when it has more than 23 hours or 59 minutes. */
function zoneSeconds(zone: string | undefined): number | undefined {
  const digits = zone?.replaceAll(/\D/g, '') ?? ''
  if (zone === undefined || digits === '') return 0
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2))
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -60 : 60) * (hours * 60 + minutes)
}

/** Returns true for a text that a safe integer prints as: without `+`, leading zeros and spaces. */
export function isCanonicalInteger(text: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))
}
