import { type Id, IdMap, type InteractionTable } from '@gnnrec/graph'

/** A column of ids. The id of row r is `distinct[codes[r]]`. */
interface CodedColumn {
  readonly distinct: readonly Id[]
  /** One code a row. The array is overwritten and becomes the column of indices. */
  readonly codes: Int32Array
}

/** The columns of a table. They have one length and hold finite numbers. */
export interface CodedColumns {
  readonly user: CodedColumn
  readonly item: CodedColumn
  readonly rating?: Float32Array | undefined
  readonly timestamp?: Float64Array | undefined
  readonly weight?: Float32Array | undefined
}

/**
 * Makes a table from columns whose ids have codes already, without an array of the ids of all rows.
 *
 * @throws InvalidInteractionsError when the ids of a column mix numbers and strings
 */
export function tableOfCodes({
  user,
  item,
  rating,
  timestamp,
  weight,
}: CodedColumns): InteractionTable {
  return {
    users: index(user),
    items: index(item),
    userIndex: user.codes,
    itemIndex: item.codes,
    ...(rating && { rating }),
    ...(timestamp && { timestamp }),
    ...(weight && { weight }),
  }
}

function index({ distinct, codes }: CodedColumn): IdMap {
  const map = IdMap.from(distinct)
  const indices = Int32Array.from(distinct, (id) => map.findIndex(id))
  for (let row = 0; row < codes.length; row++) codes[row] = indices[codes[row]]
  return map
}
