import { withPoint } from '../readers/parse-number.js'
import { localTimeOfText, numberOfText, timeOfText } from '../readers/text-values.js'
import { rolesOfName } from './column-lexicon.js'

/** The least number of rows with values of one pattern. */
const leastPatternRows = 3

/**
 * Returns true when the first record has the names of columns, false when it is a row, and `'unclear'` when it may be
 * either.
 *
 * @param wanted - names of columns that options give
 */
export function findHeader(
  [first, ...rest]: readonly (readonly string[])[],
  wanted: readonly string[],
): boolean | 'unclear' {
  if (wanted.length > 0) return true
  const isPlain = (field: string): boolean => field !== '' && !isValue(field)
  const names = first.filter(isPlain)
  if (names.length === 0) return false
  const column = (position: number): string[] =>
    rest.map((row) => row[position]).filter((field) => field !== '')
  const isOverValues = first.some((field, position) => {
    const values = column(position)
    return isPlain(field) && !isMissing(field) && values.length > 0 && values.every(isValue)
  })
  if (isOverValues) return true
  // A value that comes again further down is no name.
  if (first.some((field, position) => field !== '' && column(position).includes(field)))
    return false
  const roles = names.flatMap((name) =>
    rolesOfName(name).filter(({ confidence }) => confidence >= 0.85),
  )
  if (new Set(roles.map(({ role }) => role)).size >= 2) return true
  if (roles.some(({ isId }) => isId)) return true
  if (names.length < first.length) return false
  const isOverPattern = first.some((field, position) => {
    const patterns = new Set(column(position).map(patternOf))
    const [pattern = ''] = patterns
    return (
      rest.length >= leastPatternRows &&
      patterns.size === 1 &&
      pattern.includes('9') &&
      pattern !== patternOf(field)
    )
  })
  return isOverPattern ? true : 'unclear'
}

function isValue(text: string): boolean {
  return (
    numberOfText(text) !== undefined ||
    numberOfText(withPoint(text, ',')) !== undefined ||
    timeOfText(text) !== undefined ||
    localTimeOfText(text, 'day-first') !== undefined ||
    localTimeOfText(text, 'month-first') !== undefined
  )
}

function isMissing(text: string): boolean {
  return /^(null|none|nan|na|n\/a|\\n)$/i.test(text)
}

/** Returns the kinds of characters of a text: `'a9'` for `item42` and `sku7`. */
function patternOf(text: string): string {
  return text.replaceAll(/\p{L}+/gu, 'a').replaceAll(/\d+/g, '9')
}
