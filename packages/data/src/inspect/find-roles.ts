import { columnRoles } from '../tables/column-roles.js'
import { isRowNumberName, rolesOfName } from './column-lexicon.js'
import { isIdLike, isRatingLike, isTimeLike, type SeenColumn } from './describe-column.js'
import type { ColumnCandidate, ColumnRole, InspectionQuestion } from './file-inspection.js'

/** The columns that options name for the roles, by position. `false` stands for a role that is not wanted. */
export type GivenRoles = Readonly<Partial<Record<ColumnRole, number | false>>>

/** The roles that were found, and what is open. */
export interface FoundRoles {
  readonly roles: ReadonlyMap<ColumnRole, ColumnCandidate>
  readonly questions: readonly InspectionQuestion[]
  /** The roles that the options say are not to be read. */
  readonly declined?: readonly ColumnRole[]
}

/** The confidence from which a column is taken for a role without asking. */
const enough = 0.6

/** The difference from which the better of two columns is taken without asking. */
const clearLead = 0.015

/** The confidence from which a column is named in a question about a role that may stay empty. */
const worthAsking = 0.4

/** Finds the column of each role: as the options say, by the names of the columns, or by their places and values. */
export function findRoles(columns: readonly SeenColumn[], given: GivenRoles): FoundRoles {
  const roles = new Map<ColumnRole, ColumnCandidate>()
  for (const role of columnRoles) {
    const position = given[role]
    if (typeof position !== 'number') continue
    roles.set(role, candidateOf(columns[position], 1, 'the options name it'))
  }
  const hasNames = columns.some(({ column }) => column.name !== undefined)
  const candidates = hasNames ? candidatesByName(columns) : candidatesByPlace(columns)
  const questions: InspectionQuestion[] = []
  const isTaken = ({ position }: ColumnCandidate): boolean =>
    [...roles.values()].some((other) => other.position === position)
  // The surest are settled first, so that a column goes to the role that its name speaks for most.
  const open = columnRoles.filter((role) => given[role] === undefined)
  const order = [...open].sort(
    (left, right) => bestOf(candidates, right) - bestOf(candidates, left),
  )
  for (const role of order) {
    const found = candidates.get(role)?.filter((candidate) => !isTaken(candidate)) ?? []
    const [best, second] = found
    const isClear =
      second === undefined ||
      best.confidence - second.confidence >= clearLead ||
      (best.name !== undefined && best.name === second.name)
    if (best !== undefined && best.confidence >= enough && isClear) roles.set(role, best)
  }
  for (const role of open) {
    if (roles.has(role)) continue
    const found = (candidates.get(role) ?? []).filter((candidate) => !isTaken(candidate))
    if (role === 'user' || role === 'item') {
      const known = new Set(found.map(({ position }) => position))
      const others = candidatesByValues(columns, role).filter(
        (candidate) => !isTaken(candidate) && !known.has(candidate.position),
      )
      // Of two columns that are both unknown, the first one is rather the user.
      const isSecond = role === 'item' && !roles.has('user') && found.length === 0
      const ordered = isSecond ? [...others.slice(1), ...others.slice(0, 1)] : others
      questions.push(questionAbout(role, true, [...found, ...ordered]))
    } else {
      const worth = found.filter(({ confidence }) => confidence >= worthAsking)
      if (worth.length > 0) questions.push(questionAbout(role, false, worth))
    }
  }
  return { roles, questions, declined: columnRoles.filter((role) => given[role] === false) }
}

/** Returns the columns that may have a role beside the one that was taken for it, by their names. */
export function rivalsOf(
  columns: readonly SeenColumn[],
  { roles }: FoundRoles,
): { readonly role: ColumnRole; readonly name: string }[] {
  const taken = new Set([...roles.values()].map(({ position }) => position))
  const rivals: { role: ColumnRole; name: string }[] = []
  for (const [role, candidates] of candidatesByName(columns)) {
    const chosen = roles.get(role)
    if (chosen === undefined || chosen.confidence === 1) continue
    for (const { position, name, confidence } of candidates) {
      if (taken.has(position) || name === undefined || chosen.confidence - confidence > 0.07)
        continue
      rivals.push({ role, name })
    }
  }
  return rivals
}

function bestOf(candidates: ReadonlyMap<ColumnRole, readonly ColumnCandidate[]>, role: ColumnRole) {
  return candidates.get(role)?.[0]?.confidence ?? 0
}

/** Returns the possible columns of each role by their names, without those whose values do not fit. */
function candidatesByName(columns: readonly SeenColumn[]): Map<ColumnRole, ColumnCandidate[]> {
  const candidates = new Map<ColumnRole, ColumnCandidate[]>()
  for (const seen of columns) {
    for (const { role, confidence } of rolesOfName(seen.column.name ?? '')) {
      if (!fits(seen, role, confidence)) continue
      const found = candidates.get(role) ?? []
      // Amounts with decimals are money rather than numbers of things.
      const isMoney =
        role === 'weight' && confidence < 0.9 && !seen.numbers?.every(Number.isInteger)
      found.push(
        candidateOf(
          seen,
          isMoney ? 0.5 : confidence,
          `its name is one of columns of ${plurals[role]}`,
        ),
      )
      candidates.set(role, found)
    }
  }
  for (const found of candidates.values()) found.sort((a, b) => b.confidence - a.confidence)
  return candidates
}

/**
 * Returns the columns of a file without a header by position: almost all of them have the order user, item,
 * rating, time.
 */
function candidatesByPlace(columns: readonly SeenColumn[]): Map<ColumnRole, ColumnCandidate[]> {
  const candidates = new Map<ColumnRole, ColumnCandidate[]>()
  const times = columns.filter(isTimeLike)
  let rest = columns.filter((seen) => !isTimeLike(seen))
  const numbered = rest[0]?.column.type === 'row number' ? rest[0] : undefined
  const others = rest.slice(1).filter(isIdLike)
  // Users who each have one row are numbered as rows are. They are no row numbers when two ids would not be left.
  const leaves = others.filter((seen) => !isRatingLike(seen)).length
  if (numbered !== undefined && leaves >= 2) rest = rest.slice(1)
  const ids = rest.filter((seen) => isIdLike(seen) || seen.column.type === 'row number')
  const [user, item] = ids
  const extra = rest.filter((seen) => seen !== user && seen !== item)
  const rating = extra.find(isRatingLike)
  const unexplained = extra.filter((seen) => seen !== rating)
  // With more columns than the usual four, the second one is an item no more likely than the others.
  const confidence =
    unexplained.length === 0 ? 0.8 : unexplained.length === 1 && columns.length <= 4 ? 0.6 : 0.5
  const reason = 'files without names of columns mostly begin with the user and the item'
  if (user) candidates.set('user', [candidateOf(user, confidence, reason)])
  if (item) candidates.set('item', [candidateOf(item, confidence, reason)])
  if (rating) {
    candidates.set('rating', [candidateOf(rating, 0.7, 'its values are like those of ratings')])
  }
  if (times.length > 0) {
    candidates.set(
      'timestamp',
      times.map((seen) => candidateOf(seen, 0.8, 'its values are times')),
    )
  }
  const counts = unexplained.filter(
    ({ numbers, column }) => column.type !== 'row number' && numbers?.every((value) => value > 0),
  )
  if (counts.length > 0 && columns.length <= 4) {
    candidates.set(
      'weight',
      counts.map((seen) => candidateOf(seen, 0.4, 'its values are numbers above 0')),
    )
  }
  return candidates
}

/** Returns the columns that may have ids by their values, with little confidence. */
function candidatesByValues(columns: readonly SeenColumn[], role: ColumnRole): ColumnCandidate[] {
  return columns
    .filter((seen) => isIdLike(seen) && !hasRowNumberName(seen))
    .map((seen) => {
      const repeats = seen.column.distinct < seen.values.length - seen.column.missing
      const confidence = repeats && !isRatingLike(seen) ? 0.3 : 0.2
      return candidateOf(seen, confidence, `its values can be ids of ${plurals[role]}`)
    })
    .sort((left, right) => right.confidence - left.confidence)
}

const plurals: Readonly<Record<ColumnRole, string>> = {
  user: 'users',
  item: 'items',
  rating: 'ratings',
  timestamp: 'times',
  weight: 'weights',
}

/** Returns true when the values of a column can be those of a role that its name speaks for. */
function fits(seen: SeenColumn, role: ColumnRole, confidence: number): boolean {
  const { column, numbers } = seen
  switch (role) {
    case 'user':
    case 'item':
      // The rows of a file are often numbered under a name such as `id`, but not under `user_id`.
      return column.type !== 'time'
    case 'rating':
      return numbers !== undefined && column.missing === 0
    case 'weight':
      return numbers?.every((value) => value > 0) === true && column.missing === 0
    case 'timestamp':
      if (column.missing > 0 && column.missing < seen.values.length) return false
      // Places in a history are times too, but only under a name that says so.
      return isTimeLike(seen) || (confidence >= 0.95 && numbers !== undefined)
  }
}

function hasRowNumberName({ column: { name } }: SeenColumn): boolean {
  return name !== undefined && isRowNumberName(name)
}

function candidateOf({ column }: SeenColumn, confidence: number, reason: string): ColumnCandidate {
  const { position, name } = column
  return { position, ...(name !== undefined && { name }), confidence, reason }
}

function questionAbout(
  role: ColumnRole,
  isRequired: boolean,
  candidates: readonly ColumnCandidate[],
): InspectionQuestion {
  const named = candidates
    .slice(0, 5)
    .map(({ name, position }) => (name === undefined ? `${position}` : JSON.stringify(name)))
  const example = named[0] ?? (isRequired ? "'name'" : '')
  const choices =
    named.length === 0
      ? ''
      : named.length === 1
        ? ` Perhaps ${named[0]}.`
        : ` Perhaps one of ${named.join(', ')}.`
  const answer = isRequired
    ? `Name it: columns: { ${role}: ${example} }.`
    : `It is left out unless you name it: columns: { ${role}: ${example} }.`
  return {
    about: role,
    isRequired,
    candidates,
    message: `Which column has the ${plurals[role]}?${choices} ${answer}`,
  }
}
