const minus = '\u2212'
const thousands = /\B(?=(\d{3})+(?!\d))/g

/** A value in four places, or as few as its size needs. */
export function formatValue(value: number): string {
  const size = Math.abs(value)
  if (value === 0) return '0'
  if (Number.isInteger(value)) return formatCount(value)
  if (size < 0.0001) return withMinus(value.toExponential(1))
  if (size < 10) return withMinus(value.toFixed(4))
  return size < 1000 ? withMinus(value.toFixed(1)) : formatCount(Math.round(value))
}

/** A value with its sign, in four places. */
export function formatDifference(value: number): string {
  if (value === 0) return '0'
  const text = formatValue(value)
  return value > 0 ? `+${text}` : text
}

/** A number of things, with thousands apart. */
export function formatCount(value: number): string {
  return withMinus(String(value).replace(thousands, '\u202f'))
}

/** A share in 0..1 as per cent. */
export function formatShare(value: number): string {
  const percent = 100 * value
  const digits = percent === 0 || percent >= 10 ? 0 : 1
  return percent > 0 && percent < 0.1 ? '< 0.1\u202f%' : `${percent.toFixed(digits)}\u202f%`
}

export function formatInterval([low, high]: readonly [number, number]): string {
  return `${formatValue(low)} to ${formatValue(high)}`
}

/** A p-value as it is printed. */
export function formatPValue(value: number): string {
  return value < 0.001 ? '< 0.001' : value.toFixed(3)
}

export function formatSeconds(value: number): string {
  if (value > 0 && value < 0.1) return '< 0.1\u202fs'
  return `${value < 10 ? value.toFixed(1) : formatCount(Math.round(value))}\u202fs`
}

/** `1 user`, `2 users`. */
export function plural(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** With a capital at the start, as a sentence has it. */
export function capitalized(text: string): string {
  return text.replace(/^./u, (letter) => letter.toUpperCase())
}

function withMinus(text: string): string {
  return text.replaceAll('-', minus)
}
