import { type Id, InvalidOptionsError } from '@gnnrec/graph'
import { Recommender } from '@gnnrec/serving'
import type { CommandIo } from './io.js'

/** Loads the model of a folder. */
export function openModel(folder: string, { signal }: CommandIo): Promise<Recommender> {
  return Recommender.load(folder, { signal })
}

/**
 * Turns a text of the command line into an id of the type that the model has.
 *
 * @throws InvalidOptionsError when the ids are numbers and the text is none
 */
export function idOf(text: string, type: 'string' | 'number', what: string): Id {
  if (type === 'string') return text
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value)) return value
  throw new InvalidOptionsError(`The ids of ${what}s are integers; got '${text}'.`)
}

/** Turns texts into ids of items. */
export function itemIds({ items }: Recommender, texts: readonly string[]): Id[] {
  return texts.map((text) => idOf(text, items.type, 'item'))
}

/** Reads the lines of standard input that are not empty. */
export async function inputLines(): Promise<string[]> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const piece of process.stdin) text += piece
  return text.split(/\r?\n/).filter((line) => line !== '')
}
