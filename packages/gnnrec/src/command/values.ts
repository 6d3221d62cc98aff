import { InvalidArgumentError } from 'commander'

/** Reads an integer from a text of the command line. */
export const integer =
  (least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`Expected an integer from ${least} up.`)
  }

/** Reads a number from a text of the command line. */
export function number(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('Expected a number.')
}

/** Reads a list of texts between commas. */
export function list(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.every((part) => part !== '')) return parts
  throw new InvalidArgumentError('Expected texts with a comma between two of them.')
}

const units: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 }

/** Reads a size of memory: a number and a unit. */
export function bytes(text: string): number {
  const [, value, unit] = /^\s*(\d+(?:\.\d+)?)\s*([MGT]B)\s*$/i.exec(text) ?? []
  if (value !== undefined && unit !== undefined) return Number(value) * units[unit.toUpperCase()]
  throw new InvalidArgumentError("Expected a number and a unit, such as '500MB' or '4GB'.")
}

/** Reads a column: its name, or its position from 0. */
export function column(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}
