import type { Id, IdMap } from '@gnnrec/graph'
import type { HistoryItem } from '@gnnrec/serving'
import type * as z from 'zod'
import type { ServedModel } from '../../models/served-model.js'
import { ApiError } from '../api-error.js'
import type { RequestSchemas } from '../schemas.js'

/** A user with what came since, or a history. */
type Person = { [Key in keyof RequestSchemas['person']]?: z.output<RequestSchemas['person'][Key]> }

/** The fields of a list that bodies share. */
type Choice = { [Key in keyof RequestSchemas['choice']]?: z.output<RequestSchemas['choice'][Key]> }

/** Returns the given fields without those that are undefined, which options do not take. */
export function given<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as never
}

/** Returns the user or the history of a body. @throws ApiError unless there is one of them */
export function personOf({ user, history, since }: Person): Id | HistoryItem[] {
  if ((user === undefined) === (history === undefined)) {
    throw new ApiError('INVALID_REQUEST', "Give either 'user' or 'history'.")
  }
  if (history === undefined) return user as Id
  if (since !== undefined) {
    throw new ApiError('INVALID_REQUEST', "'since' goes with 'user'; put its items into 'history'.")
  }
  return history as HistoryItem[]
}

/** Lists items for the person of a body. */
export function listFor(
  { recommender }: ServedModel,
  person: Person,
  { k, ...choice }: Choice,
  unknownUser: 'popularity' | 'error' = 'popularity',
) {
  const asked = personOf(person)
  const options = given({ k: lengthOf(k, recommender.items), ...choice })
  if (Array.isArray(asked)) return recommender.recommendFor(asked, options)
  const since = person.since as HistoryItem[] | undefined
  return recommender.recommend(asked, { ...options, ...given({ since }), unknownUser })
}

/** Returns the length of a list: no more than there are items. */
export function lengthOf(k: number | undefined, items: IdMap): number | undefined {
  return k === undefined ? undefined : Math.max(1, Math.min(k, items.size))
}

/**
 * Turns a part of a path into an id of the type that the model has.
 *
 * @throws ApiError when the ids are numbers and the text is not one as it would be written
 */
export function idOf(text: string, { type }: IdMap, what: 'users' | 'items'): Id {
  if (type === 'string') return text
  const value = Number(text)
  if (Number.isFinite(value) && String(value) === text) return value
  throw new ApiError('INVALID_REQUEST', `The ids of ${what} are numbers.`)
}
