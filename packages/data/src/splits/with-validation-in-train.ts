import { createSplit, type Id, type InteractionTable, type Split, selectRows } from '@gnnrec/graph'

/**
 * Joins the validation part of a split to its training part. On such a split a model is fitted once more before it is
 * judged on the test part, when all that is chosen has been chosen.
 *
 * @example
 * ```ts
 * import { loadMovieTweetings, temporalSplit, withValidationInTrain } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const split = temporalSplit(interactions)
 * const { train, validation } = withValidationInTrain(split)
 * console.log(split.train.userIndex.length, train.userIndex.length, validation.userIndex.length)
 * ```
 */
export function withValidationInTrain<User extends Id, Item extends Id>({
  train,
  validation,
  test,
  method,
}: Split<User, Item>): Split<User, Item> {
  return createSplit({
    train: joined(train, validation),
    validation: selectRows(validation, []),
    test,
    method: { name: `${method.name}, with validation in train`, settings: method.settings ?? {} },
  })
}

function joined<User extends Id, Item extends Id>(
  first: InteractionTable<User, Item>,
  second: InteractionTable<User, Item>,
): InteractionTable<User, Item> {
  const { users, items } = first
  return {
    users,
    items,
    userIndex: both(Int32Array, first.userIndex, second.userIndex),
    itemIndex: both(Int32Array, first.itemIndex, second.itemIndex),
    ...(first.rating &&
      second.rating && { rating: both(Float32Array, first.rating, second.rating) }),
    ...(first.timestamp &&
      second.timestamp && { timestamp: both(Float64Array, first.timestamp, second.timestamp) }),
    ...(first.weight &&
      second.weight && { weight: both(Float32Array, first.weight, second.weight) }),
  }
}

function both<Column extends Int32Array | Float32Array | Float64Array>(
  Kind: new (length: number) => Column,
  first: Column,
  second: Column,
): Column {
  const column = new Kind(first.length + second.length)
  column.set(first)
  column.set(second, first.length)
  return column
}
