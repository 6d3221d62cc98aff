import { type DecimalMark, withPoint } from '../readers/parse-number.js'
import {
  type DateOrder,
  isCanonicalInteger,
  localTimeOfText,
  numberOfText,
  timeOfText,
} from '../readers/text-values.js'
import type { InspectedColumn, TimeUnit } from './file-inspection.js'

/** A column with the values that were seen. */
export interface SeenColumn {
  readonly column: InspectedColumn
  /** The values as texts, in the order of the rows. A missing one is `undefined`. */
  readonly values: readonly (string | undefined)[]
  /** The values as numbers. Absent when they are not all numbers. */
  readonly numbers?: readonly number[]
  /** The order of day and month in dates that are not ISO 8601. Absent when there are none. */
  readonly dateOrder?: DateOrder | 'unclear'
  /** The character before decimals. Absent when the values have none. */
  readonly decimal?: DecimalMark
}

/** The units of times and the largest number of each that is a time: the year 5138 in every unit. */
const timeUnits: readonly (readonly [TimeUnit, number])[] = [
  ['seconds', 1e11],
  ['milliseconds', 1e14],
  ['microseconds', 1e17],
  ['nanoseconds', 1e20],
]

/** The smallest number that counts as a time: 1973 in seconds. No rating and hardly any id is so large. */
const earliestTime = 1e8

/** The least number of rows in which numbers that count up are taken for row numbers. */
const leastNumberedRows = 3

/**
 * Determines the type of a column and picks examples of its values.
 *
 * @param form - the type of the column if the file tells, the mark that may stand before decimals, and true
 * for `localTimes` when dates may have other forms than ISO 8601
 */
export function describeColumn(
  position: number,
  name: string | undefined,
  values: readonly (string | undefined)[],
  {
    type: given,
    decimal = '.',
    localTimes = false,
  }: { type?: InspectedColumn['type']; decimal?: DecimalMark; localTimes?: boolean } = {},
): SeenColumn {
  const present = values.filter((value) => value !== undefined)
  const distinct = new Set(present)
  const hasComma = decimal === ',' && present.some((text) => text.includes(','))
  const mark = hasComma ? ',' : '.'
  const numbers = present.map((text) => numberOfText(withPoint(text, mark)) ?? Number.NaN)
  const isGivenNumeric = values.length === 0 && (given === 'integer' || given === 'number')
  const isNumeric = isGivenNumeric || (present.length > 0 && !numbers.some(Number.isNaN))
  const plain = given ?? typeOf(present, numbers, isNumeric)
  const dateOrder = localTimes && plain === 'text' ? dateOrderOf(present) : undefined
  const type = dateOrder === undefined ? plain : 'time'
  const timeUnit = type === 'integer' || type === 'number' ? unitOf(numbers) : undefined
  return {
    column: {
      position,
      ...(name !== undefined && { name }),
      type: type === 'integer' && isCounting(values, numbers) ? 'row number' : type,
      ...(timeUnit !== undefined && { timeUnit }),
      examples: [...distinct].slice(0, 3),
      distinct: distinct.size,
      missing: values.length - present.length,
    },
    values,
    ...(isNumeric && { numbers }),
    ...(dateOrder !== undefined && { dateOrder }),
    ...(hasComma && isNumeric && { decimal: mark }),
  }
}

/** Returns true when a column has times, as numbers or in ISO 8601. */
export function isTimeLike({ column }: SeenColumn): boolean {
  return column.type === 'time' || column.timeUnit !== undefined
}

/** Returns true when a column has few different numbers, or fractions, in the range of usual scales of ratings. */
export function isRatingLike({ column, numbers }: SeenColumn): boolean {
  if (numbers === undefined || column.type === 'row number') return false
  const isInRange = numbers.every((value) => value >= -10 && value <= 100)
  const isFine = column.type === 'number' || column.distinct <= 11
  return isInRange && isFine
}

/** Returns true when a column may have ids of users or items. */
export function isIdLike(seen: SeenColumn): boolean {
  const { type } = seen.column
  if (type === 'row number' || isTimeLike(seen)) return false
  return type === 'text' || type === 'integer' || (seen.numbers?.every(Number.isInteger) ?? false)
}

function typeOf(
  present: readonly string[],
  numbers: readonly number[],
  isNumeric: boolean,
): InspectedColumn['type'] {
  if (present.length === 0) return 'text'
  if (present.every(isCanonicalInteger)) return 'integer'
  if (present.every((text) => timeOfText(text) !== undefined)) return 'time'
  // A value such as "007" is a number too, but as an id it has to stay a text.
  const isPadded = present.some((text) => /^0\d/.test(text))
  return isNumeric && !isPadded && numbers.length > 0 ? 'number' : 'text'
}

/** Returns the order of day and month in texts that are all dates, or `undefined` for other texts. */
function dateOrderOf(texts: readonly string[]): DateOrder | 'unclear' | undefined {
  const fits = (order: DateOrder): boolean =>
    texts.length > 0 && texts.every((text) => localTimeOfText(text, order) !== undefined)
  const orders = (['day-first', 'month-first'] as const).filter(fits)
  if (orders.length < 2) return orders[0]
  // Dates with points have the day first all over the world.
  return texts[0].includes('.') && !texts[0].includes('/') ? 'day-first' : 'unclear'
}

function unitOf(numbers: readonly number[]): TimeUnit | undefined {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const value of numbers) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (numbers.length === 0 || !(least >= earliestTime)) return undefined
  return timeUnits.find(([, limit]) => most < limit)?.[0]
}

/** Returns true for whole numbers of which each is by one larger than the one before it. */
function isCounting(values: readonly (string | undefined)[], numbers: readonly number[]): boolean {
  if (numbers.length !== values.length || numbers.length < leastNumberedRows) return false
  return numbers.every((value, row) => value === numbers[0] + row)
}
