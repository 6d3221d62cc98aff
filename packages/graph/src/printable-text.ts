/**
 * A regular expression for characters that would steer a terminal or reorder a line: control characters, and those that
 * change the direction of text or end its line.
 */
export const steeringCharacters = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/**
 * Returns text in which every character that would steer a terminal or reorder a line is written out, such
 * as `\u001b`, while new lines and tabs stay. Names from files go through it before they are shown.
 *
 * @example
 * ```ts
 * import { printableText } from '@gnnrec/graph'
 *
 * console.log(printableText('red \u001b[31m')) // red \u001b[31m, as letters
 * ```
 */
export function printableText(text: string): string {
  return text.replace(steeringCharacters, (character) => {
    if (character === '\n' || character === '\t') return character
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/**
 * Returns text as one line that steers no terminal, whatever names it holds.
 *
 * @example
 * ```ts
 * import { printableLine } from '@gnnrec/graph/files'
 *
 * console.log(printableLine('two\n lines')) // two lines
 * ```
 */
export function printableLine(text: string): string {
  return printableText(text.replace(/\s*\n\s*/g, ' '))
}

/** Most characters of a message, of which the last ones, often advice, are kept. */
const mostCharacters = 2 ** 16
const keptAtEnd = 2 ** 11

/**
 * Returns the message of an error or a warning as text that steers no terminal, without its middle if it is too long
 * for anybody to read, or to print in time.
 */
export function printableMessage(message: string): string {
  const left = message.length - mostCharacters
  if (left <= 0) return printableText(message)
  const start = printableText(message.slice(0, mostCharacters - keptAtEnd))
  const end = printableText(message.slice(-keptAtEnd))
  return `${start} … (${left} characters are left out) … ${end}`
}
