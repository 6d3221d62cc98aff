import type { Rng } from '@gnnrec/graph'
import type { ByteChange } from './change-bytes.js'
import {
  hostileJson,
  hostileJsonTexts,
  hostileKeys,
  hostileNumbers,
  hostileTexts,
} from './hostile-values.js'

/** Changes of text. Each returns the same bytes where it finds nothing to change. */
export const textChanges: readonly ByteChange[] = [
  ofText(replaceNumber),
  ofText(replaceNumber),
  ofText(replaceWord),
  ofText(insertText),
  ofText(changeLines),
  ofText(changeLines),
]

/** Changes of one place in a JSON document, or in one of several lines of JSON. */
export const jsonChanges: readonly ByteChange[] = [ofText(changeJson)]

/** Makes a change of bytes from one of text. Latin-1 keeps every byte that is not changed. */
function ofText(change: (text: string, rng: Rng) => string): ByteChange {
  return (bytes, rng) => {
    const text = Buffer.from(bytes).toString('latin1')
    const changed = change(text, rng)
    if (changed === text) return bytes
    return new Uint8Array(Buffer.from(toLatin1(changed), 'latin1'))
  }
}

/** Writes characters above U+00FF as the bytes of UTF-8. */
function toLatin1(text: string): string {
  return text.replace(/[^\0-\u00ff]+/g, (piece) => Buffer.from(piece, 'utf8').toString('latin1'))
}

function replaceNumber(text: string, rng: Rng): string {
  const numbers = [...text.matchAll(/-?\d+(\.\d+)?([eE][-+]?\d+)?/g)]
  if (numbers.length === 0) return text
  const place = pick(numbers, rng)
  const value = pick(hostileNumbers, rng)
  return replaced(text, place.index, place[0].length, value)
}

function replaceWord(text: string, rng: Rng): string {
  const words = [...text.matchAll(/[A-Za-z_@:.-]{2,}/g)]
  if (words.length === 0) return text
  const place = pick(words, rng)
  const value = rng.uniform() < 0.4 ? pick(words, rng)[0] : pick(hostileTexts, rng)
  return replaced(text, place.index, place[0].length, value)
}

function insertText(text: string, rng: Rng): string {
  const value = pick(hostileTexts, rng)
  return replaced(text, rng.integer(text.length + 1), 0, value)
}

/** Repeats, removes, moves or indents one line. */
function changeLines(text: string, rng: Rng): string {
  const lines = text.split('\n')
  const place = rng.integer(lines.length)
  const line = lines[place]
  switch (rng.integer(5)) {
    case 0:
      lines.splice(place, 0, line)
      break
    case 1:
      lines.splice(place, 1)
      break
    case 2:
      lines.splice(place, 1)
      lines.splice(rng.integer(lines.length + 1), 0, line)
      break
    case 3:
      lines[place] = `${' '.repeat(1 + rng.integer(4))}${line}`
      break
    default:
      lines[place] = line.trimStart()
  }
  return lines.join('\n')
}

function changeJson(text: string, rng: Rng): string {
  try {
    return changedJson(text, rng)
  } catch (error) {
    // An earlier change may have put in more levels than can be walked.
    if (error instanceof RangeError) return text
    throw error
  }
}

function changedJson(text: string, rng: Rng): string {
  const whole = parsed(text)
  if (whole !== undefined) return changedValue(whole, rng)
  const lines = text.split('\n')
  const place = rng.integer(lines.length)
  // A file may begin with a mark before its JSON, as blocks in files do.
  const start = lines[place].search(/[[{]/)
  if (start < 0) return text
  const line = lines[place].slice(start).trimEnd()
  const value = parsed(line)
  if (value === undefined) return text
  const kept = lines[place].slice(0, start)
  const rest = lines[place].slice(start + line.length)
  const changed = changedValue(value, rng)
  // What follows stays in its place where the padding allows it.
  const padding = Math.max(0, rest.length + line.length - changed.length)
  lines[place] = `${kept}${changed}${rest === '' ? '' : ' '.repeat(padding)}`
  return lines.join('\n')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))
  } catch {
    return undefined
  }
}

/** Returns text of JSON with another value, key or order at one place. */
function changedValue(root: unknown, rng: Rng): string {
  const holder = { root }
  const places: { readonly parent: Record<string, unknown>; readonly key: string }[] = []
  const visit = (parent: Record<string, unknown>): void => {
    const keys = Object.keys(parent)
    // Long arrays of numbers would hide all other places.
    const visited =
      Array.isArray(parent) && keys.length > 8 ? [keys[0], keys[keys.length - 1]] : keys
    for (const key of visited) {
      places.push({ parent, key })
      const value = parent[key]
      if (typeof value === 'object' && value !== null) visit(value as Record<string, unknown>)
    }
  }
  visit(holder)
  const { parent, key } = places[rng.integer(places.length)]
  const value = parent[key]
  // JSON.stringify writes neither the key __proto__ nor values thousands of levels deep.
  let text = ''
  switch (rng.integer(9)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else delete parent[key]
      break
    case 1:
      text = pick(hostileKeys, rng)
      if (Array.isArray(parent)) {
        parent[Number(key)] = { [placeholder]: value }
      } else {
        delete parent[key]
        parent[placeholder] = value
      }
      break
    case 2:
      parent[key] = [value]
      break
    case 3:
      parent[key] = { [key]: value }
      break
    case 4:
      if (Array.isArray(parent)) parent.push(value)
      else parent['extra'] = value
      break
    case 5:
      text = pick(hostileJsonTexts, rng)
      parent[key] = placeholder
      break
    default:
      parent[key] = pick(hostileJson, rng)
  }
  const changed = JSON.stringify(holder.root) ?? ''
  return Buffer.from(changed.replace(`"${placeholder}"`, () => text)).toString('latin1')
}

/** Text that no input holds, in the place of a key or value. */
const placeholder = 'changed by fuzz'

function pick<T>(values: readonly T[], rng: Rng): T {
  return values[rng.integer(values.length)]
}

function replaced(text: string, start: number, length: number, value: string): string {
  return `${text.slice(0, start)}${value}${text.slice(start + length)}`
}
