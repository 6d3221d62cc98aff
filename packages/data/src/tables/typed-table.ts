import { type Id, type InteractionTable, InvalidInteractionsError } from '@gnnrec/graph'
import { invalidValueReason } from '@gnnrec/graph/files'
import { showValue } from '@gnnrec/graph/kernels'
import { isCanonicalInteger } from '../readers/text-values.js'
import type { columnRoles } from './column-roles.js'
import { GrowingColumn } from './growing-column.js'
import type { IdType } from './id-type.js'
import { tableOfCodes } from './table-of-codes.js'
import { ValueIds } from './value-ids.js'

/** The columns of a {@link TypedTable} and the rules for its ids. */
interface TypedTableForm {
  /** A function that names row r in messages. */
  readonly rowName: (row: number) => string
  readonly hasRating: boolean
  readonly hasTimestamp: boolean
  readonly hasWeight: boolean
  /** The types of the ids. `'auto'` keeps the type that the ids of a column have. */
  readonly idType: { readonly user: IdType; readonly item: IdType }
  /**
   * The treatment of bigints among ids. `'strings'`: they become strings, as in `fromRecords`.
   * `'integers'`: they become numbers, unless one of the column is beyond 2^53.
   */
  readonly bigints: 'strings' | 'integers'
}

/** The values of a row. */
export type RowValues = Readonly<Partial<Record<(typeof columnRoles)[number], unknown>>>

/** A collector that joins rows of typed values into a table, which takes 20 to 24 bytes a row. */
export class TypedTable {
  readonly #form: TypedTableForm
  readonly #types: { user?: 'number' | 'string'; item?: 'number' | 'string' } = {}
  readonly #ids = { user: new ValueIds(), item: new ValueIds() }
  readonly #codes = { user: new GrowingColumn(Int32Array), item: new GrowingColumn(Int32Array) }
  readonly #rating = new GrowingColumn(Float32Array)
  readonly #timestamp = new GrowingColumn(Float64Array)
  readonly #weight = new GrowingColumn(Float32Array)

  /** True for a column with an integer beyond 2^53. All its ids become strings. */
  readonly #isLarge = { user: false, item: false }

  constructor(form: TypedTableForm) {
    this.#form = form
  }

  /** The number of rows so far. */
  get rows(): number {
    return this.#codes.user.length
  }

  /**
   * Adds a row.
   *
   * @throws InvalidInteractionsError when a value is not an id, does not fit or is missing
   */
  add({ user, item, rating, timestamp, weight }: RowValues): void {
    const userCode = this.#ids.user.code(this.#id('user', user))
    const itemCode = this.#ids.item.code(this.#id('item', item))
    if (this.#checkNumber('rating', rating)) this.#rating.push(rating)
    if (this.#checkNumber('timestamp', timestamp)) this.#timestamp.push(timestamp)
    if (this.#checkNumber('weight', weight)) this.#weight.push(weight)
    this.#codes.user.push(userCode)
    this.#codes.item.push(itemCode)
  }

  /** Returns the table. No rows can be added afterwards. */
  finish(): InteractionTable {
    const column = (what: 'user' | 'item') => ({
      distinct: this.#isLarge[what] ? this.#ids[what].ids().map(String) : this.#ids[what].ids(),
      codes: this.#codes[what].take(),
    })
    return tableOfCodes({
      user: column('user'),
      item: column('item'),
      rating: this.#form.hasRating ? this.#rating.take() : undefined,
      timestamp: this.#form.hasTimestamp ? this.#timestamp.take() : undefined,
      weight: this.#form.hasWeight ? this.#weight.take() : undefined,
    })
  }

  #id(what: 'user' | 'item', value: unknown): Id {
    const { bigints, idType, rowName } = this.#form
    const isInteger = typeof value === 'bigint' && bigints === 'integers' && idType[what] === 'auto'
    const isSmall = isInteger && Number.isSafeInteger(Number(value))
    if (isInteger && !isSmall) {
      this.#isLarge[what] = true
      return String(value)
    }
    const id = convert(isSmall ? Number(value) : value, idType[what])
    const type = this.#types[what]
    if (id !== undefined && (type === undefined || typeof id === type)) {
      if (type === undefined) this.#types[what] = typeof id as 'number' | 'string'
      return id
    }
    const expected =
      id === undefined
        ? `expected ${idType[what] === 'number' ? 'a safe integer' : 'a string that is not empty or a safe integer'}`
        : `the rows before it have ${type}s. Use one type for all ids of a column`
    throw new InvalidInteractionsError(
      `${rowName(this.rows)} has the ${what} ${show(value)}; ${expected}.`,
    )
  }

  #checkNumber(what: 'rating' | 'timestamp' | 'weight', value: unknown): value is number {
    const { rowName, hasRating, hasTimestamp, hasWeight } = this.#form
    const isExpected = { rating: hasRating, timestamp: hasTimestamp, weight: hasWeight }[what]
    const isPresent = value !== undefined && value !== null
    if (isPresent !== isExpected) {
      throw new InvalidInteractionsError(
        `${rowName(this.rows)} has ${isPresent ? 'a' : 'no'} ${what}; expected one in every row or in none.`,
      )
    }
    if (!isPresent) return false
    const reason = invalidValueReason(what, value)
    if (reason === undefined) return true
    throw new InvalidInteractionsError(
      `${rowName(this.rows)} has the ${what} ${show(value)}; ${reason}.`,
    )
  }
}

/** Returns the id in the wanted type, or `undefined` for a value that is not such an id. */
function convert(value: unknown, wanted: IdType): Id | undefined {
  // A bigint becomes a string, as in `fromRecords`, unless numbers are wanted.
  const id = typeof value === 'bigint' ? String(value) : value
  if (typeof id === 'string' && wanted === 'number') {
    return isCanonicalInteger(id) ? Number(id) : undefined
  }
  if (typeof id === 'string' && id !== '') return id
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined
  return wanted === 'string' ? String(id) : id
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) {
    const start = Array.from(value.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0'))
    return `0x${start.join('')}${value.length > 16 ? '...' : ''} (bytes that are not UTF-8)`
  }
  return typeof value === 'string' ? showValue(value) : `${showValue(value)} (${typeof value})`
}
