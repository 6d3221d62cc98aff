/**
 * Returns the beginning of a value as JSON, where it has one, for messages. Numbers are written as they are, NaN
 * among them, and bigints, which JSON lacks, as 1n. Never throws, also not for values that hold themselves or have thousands of levels.
 *
 * @param most - largest number of characters
 * @example
 * ```ts
 * import { showValue } from '@gnnrec/graph/kernels'
 *
 * console.log(showValue({ k: 20n }), showValue('a'.repeat(1000)).length) // {"k":"20n"} 80
 * ```
 */
export function showValue(value: unknown, most = 80): string {
  const text = jsonOf(value)
  return text.length > most ? `${text.slice(0, most - 3)}...` : text
}

function jsonOf(value: unknown): string {
  // JSON has no NaN and no Infinity.
  if (typeof value === 'number') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  try {
    const text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))
    return text ?? String(value)
  } catch {
    return kindOf(value)
  }
}

/**
 * Returns the message of an error, or the text of another value that was thrown. Never throws itself, also not for
 * symbols and objects without a prototype, which have no text.
 *
 * @example
 * ```ts
 * import { thrownMessage } from '@gnnrec/graph/kernels'
 *
 * console.log(thrownMessage(new Error('no room')), thrownMessage('no room')) // no room no room
 * console.log(thrownMessage(Object.create(null))) // [object Object]
 * ```
 */
export function thrownMessage(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return kindOf(thrown)
  }
}

function kindOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value)
  } catch {
    return 'an object that cannot be shown'
  }
}
