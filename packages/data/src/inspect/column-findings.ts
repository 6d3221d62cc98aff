import { meantRole } from '@gnnrec/graph/files'
import { rolesOfName } from './column-lexicon.js'
import type { SeenColumn } from './describe-column.js'
import type { ColumnRole } from './file-inspection.js'
import { type FoundRoles, rivalsOf } from './find-roles.js'
import { lookAlikes } from './look-alikes.js'

/** Texts that stand for a missing value, but are ids like any other to a reader. */
const missingTexts = /^(null|none|nan|na|n\/a|nil|undefined|\\n|-|unknown|anonymous)$/i

/** Returns warnings about columns that would be read otherwise than meant, or not at all. */
export function roleWarnings(columns: readonly SeenColumn[], found: FoundRoles): string[] {
  const taken = new Set([...found.roles.values()].map(({ position }) => position))
  const asked = new Set(
    found.questions.flatMap(({ candidates }) => candidates.map(({ position }) => position)),
  )
  const warnings = rivalsOf(columns, found).map(
    ({ role, name }) => `The column ${JSON.stringify(name)} may be the ${role} as well.`,
  )
  const names = columns.map(({ column }) => column.name)
  for (const seen of columns) {
    const { name, position, missing } = seen.column
    if (name === undefined || taken.has(position) || asked.has(position)) continue
    if (names.indexOf(name) !== names.lastIndexOf(name)) continue
    const [best] = rolesOfName(name)
    const role = best !== undefined && best.confidence >= 0.6 ? best.role : undefined
    // That it is not read is what was asked for.
    if (role !== undefined && found.declined?.includes(role)) continue
    const isOpen = (other: ColumnRole): boolean => !found.roles.has(other)
    if (role !== undefined && isOpen(role)) {
      const values = `${seen.values.length - missing} of ${seen.values.length} rows`
      warnings.push(
        missing > 0
          ? `The column ${JSON.stringify(name)} would not be read as the ${role}, because only ${values} have a value. Expected one in every row.`
          : `The column ${JSON.stringify(name)} would not be read as the ${role}: ${reasonOf(role, seen)}`,
      )
    } else if (role === undefined) {
      const meant = meantRole(name, (other) => !isOpen(other))
      if (meant !== undefined) {
        warnings.push(
          `The column ${JSON.stringify(name)} would not be read. Name it as the ${meant} in the options if it is one.`,
        )
      }
    }
  }
  return [...warnings, ...kindWarnings(columns)]
}

/** Returns the reason why the values of a column are not those of a role. */
function reasonOf(role: ColumnRole, { column, numbers }: SeenColumn): string {
  const [example = ''] = column.examples
  const got = `got ${JSON.stringify(example)}`
  if (role === 'timestamp') {
    return numbers === undefined
      ? `${got}, expected a number or a time in ISO 8601, such as 2024-05-31T18:30:00Z. Write the times in that form.`
      : `${got}, which is too small for seconds since 1970. Name it in the options if it is a place in a history.`
  }
  if (role === 'weight' && numbers !== undefined) {
    const bad = numbers.find((value) => value <= 0)
    return `got ${bad}, expected numbers above 0. Leave out such rows if they are not interactions.`
  }
  return `${got}, expected a number.`
}

/** Warns of a column that says of which kind each interaction is, because all are read as one kind. */
function kindWarnings(columns: readonly SeenColumn[]): string[] {
  return columns.flatMap(({ column, values }) => {
    const { name = '', distinct, type } = column
    const isKind =
      /^(event|event.?type|event.?name|action|action.?type|behaviou?r|type|interaction)$/i
    if (!isKind.test(name) || type !== 'text' || distinct < 2 || distinct > 20) return []
    const kinds = [...new Set(values)].slice(0, 4).map((kind) => JSON.stringify(kind))
    return [
      `The column ${JSON.stringify(name)} has ${distinct} kinds of events (${kinds.join(', ')}${distinct > 4 ? ', ...' : ''}). All are read as interactions alike; keep only the rows that you mean.`,
    ]
  })
}

/** Returns warnings about ids of users and items that may not be what they were. */
export function idWarnings(columns: readonly SeenColumn[], { roles }: FoundRoles): string[] {
  return (['user', 'item'] as const).flatMap((role) => {
    const place = roles.get(role)?.position
    const seen = place === undefined ? undefined : columns[place]
    return seen === undefined ? [] : [...missingIds(role, seen), ...warningsOfIds(role, seen)]
  })
}

function missingIds(role: 'user' | 'item', { column, values }: SeenColumn): string[] {
  const nulls = values.filter((value) => value !== undefined && missingTexts.test(value))
  return [
    ...(column.missing > 0
      ? [
          `${column.missing} of ${values.length} rows have no ${role}, at which reading stops. Leave out such rows.`,
        ]
      : []),
    ...(nulls.length > 0
      ? [
          `${nulls.length} of ${values.length} rows have the ${role} ${JSON.stringify(nulls[0])}, which is an id like any other. Leave out such rows if nobody is meant.`,
        ]
      : []),
  ]
}

function warningsOfIds(role: 'user' | 'item', { column, values }: SeenColumn): string[] {
  const ids = values.filter((value) => value !== undefined)
  const known = new Set(ids)
  const warnings: string[] = []
  const power = ids.find((id) => /^[+-]?\d+([.,]\d+)?[eE]\+?\d{2}$/.test(id))
  const cut = ids.filter((id) => /^\d{15}0+$/.test(id))
  if (power !== undefined || (cut.length > 1 && cut.length > ids.length / 2)) {
    warnings.push(
      `The ${role} ${JSON.stringify(power ?? cut[0])} was rounded by a spreadsheet, so different ids have become one. Export the file again with the column as text.`,
    )
  }
  const day = ids.find((id) => /^(\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{2})$/.test(id))
  if (day !== undefined && column.type === 'text') {
    warnings.push(
      `The ${role} ${JSON.stringify(day)} may be an id that a spreadsheet took for a date. Export the file again with the column as text.`,
    )
  }
  const decimal = ids.find((id) => /^\d+\.0+$/.test(id))
  if (decimal !== undefined) {
    const plain = decimal.replace(/\..*/, '')
    warnings.push(
      known.has(plain)
        ? `The ${role}s ${JSON.stringify(decimal)} and ${JSON.stringify(plain)} are different ids. Write both in one way.`
        : `The ${role} ${JSON.stringify(decimal)} is an integer with decimals, as pandas writes columns with missing values. It is another id than ${JSON.stringify(plain)} in other files.`,
    )
  }
  const [group] = lookAlikes(ids)
  if (group !== undefined) {
    warnings.push(
      `The ${role}s ${group.map((id) => JSON.stringify(id)).join(' and ')} are different ids that look alike.`,
    )
  }
  const zero = ids.find((id) => /^0\d+$/.test(id))
  if (zero !== undefined) {
    warnings.push(
      `The ${role} ${JSON.stringify(zero)} has a leading zero, so the ids of its column become strings. Read other files with idType: 'string', so that their ids match.`,
    )
  }
  return warnings
}

/** Returns warnings about a file that was seen as a whole and from which little can be learnt. */
export function contentWarnings(
  columns: readonly SeenColumn[],
  { roles }: FoundRoles,
  rows: number,
): string[] {
  const of = (role: ColumnRole): SeenColumn | undefined => {
    const place = roles.get(role)?.position
    return place === undefined ? undefined : columns[place]
  }
  const user = of('user')
  const item = of('item')
  const time = of('timestamp')
  if (user === undefined || item === undefined || rows < 2) return []
  const warnings: string[] = []
  for (const [role, seen] of [
    ['user', user],
    ['item', item],
  ] as const) {
    if (seen.column.distinct !== 1) continue
    warnings.push(
      `All rows have the ${role} ${JSON.stringify(seen.column.examples[0])}; a recommender learns from many.`,
    )
  }
  if (time?.column.distinct === 1) {
    warnings.push(
      `All times are ${JSON.stringify(time.column.examples[0])}, so nothing can be split by time.`,
    )
  }
  const pairs = new Set(user.values.map((id, row) => JSON.stringify([id, item.values[row]])))
  if (pairs.size < rows / 2) {
    warnings.push(
      `The ${rows} rows have only ${pairs.size} ${pairs.size === 1 ? 'pair' : 'pairs'} of a user and an item; the rest repeat them.`,
    )
  }
  return warnings
}
