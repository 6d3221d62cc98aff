const minus = '\u2212'
const thousands = /\B(?=(\d{3})+(?!\d))/g

/** Writes a value with four decimal places, or fewer if it is large. */
export function formatValue(value: number): string {
  const size = Math.abs(value)
  if (value === 0) return '0'
  if (Number.isInteger(value)) return formatCount(value)
  if (size < 0.0001) return withMinus(value.toExponential(1))
  if (size < 10) return withMinus(value.toFixed(4))
  return size < 1000 ? withMinus(value.toFixed(1)) : formatCount(Math.round(value))
}

/** Writes a value like `formatValue`, with its sign. */
export function formatDifference(value: number): string {
  if (value === 0) return '0'
  const text = formatValue(value)
  return value > 0 ? `+${text}` : text
}

/** Writes a number of things, with spaces between thousands. */
export function formatCount(value: number): string {
  return withMinus(String(value).replace(thousands, '\u202f'))
}

/** Writes a share in 0..1 as per cent. */
export function formatShare(value: number): string {
  const percent = 100 * value
  const digits = percent === 0 || percent >= 10 ? 0 : 1
  return percent > 0 && percent < 0.1 ? '< 0.1\u202f%' : `${percent.toFixed(digits)}\u202f%`
}

/** Writes both ends of an interval. */
export function formatInterval([low, high]: readonly [number, number]): string {
  return `${formatValue(low)} to ${formatValue(high)}`
}

/** Writes a p-value with three decimal places. */
export function formatPValue(value: number): string {
  return value < 0.001 ? '< 0.001' : value.toFixed(3)
}

/** Writes a time in seconds. */
export function formatSeconds(value: number): string {
  if (value > 0 && value < 0.1) return '< 0.1\u202fs'
  return `${value < 10 ? value.toFixed(1) : formatCount(Math.round(value))}\u202fs`
}

/** Writes a time in milliseconds. */
export function formatMilliseconds(value: number): string {
  if (value > 0 && value < 0.01) return '< 0.01\u202fms'
  return `${value < 10 ? Number(value.toPrecision(2)) : formatCount(Math.round(value))}\u202fms`
}

/** Writes a number of bytes in the largest unit of which there is one or more. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}\u202f${units[unit]}`
}

/** Writes a number with its noun: `1 user`, `2 users`. */
export function plural(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Joins words: `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** Writes the first letter as a capital. */
export function capitalized(text: string): string {
  return text.replace(/^./u, (letter) => letter.toUpperCase())
}

function withMinus(text: string): string {
  return text.replaceAll('-', minus)
}
