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
