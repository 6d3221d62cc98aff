import { type Id, IdMap, type InteractionTable } from '@gnnrec/graph'

/** A column of ids: in row r stands `distinct[codes[r]]`. */
interface CodedColumn {
  readonly distinct: readonly Id[]
  /** Becomes the column of indices in place. */
  readonly codes: Int32Array
}

/** Columns of equal length, the numbers finite. */
export interface CodedColumns {
  readonly user: CodedColumn
  readonly item: CodedColumn
  readonly rating?: Float32Array | undefined
  readonly timestamp?: Float64Array | undefined
}

/**
 * A table from columns whose ids are numbered already, without an array of ids for all rows.
 *
 * @throws InvalidInteractionsError when the ids of a column mix numbers and strings
 */
export function tableOfCodes({ user, item, rating, timestamp }: CodedColumns): InteractionTable {
  return {
    users: index(user),
    items: index(item),
    userIndex: user.codes,
    itemIndex: item.codes,
    ...(rating && { rating }),
    ...(timestamp && { timestamp }),
  }
}

function index({ distinct, codes }: CodedColumn): IdMap {
  const map = IdMap.from(distinct)
  const indices = Int32Array.from(distinct, (id) => map.findIndex(id))
  for (let row = 0; row < codes.length; row++) codes[row] = indices[codes[row]]
  return map
}
