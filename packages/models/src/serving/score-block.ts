/**
 * Dot products of every row of `users` with every row of `items`, in float64 from left to right,
 * rounded to float32 once.
 *
 * A product depends on its two rows only, never on what else is in the block: one user at a time
 * gives the same bytes as many, and some items the same as all.
 *
 * @param block.users - rows of `dim` numbers
 * @param block.items - rows of `dim` numbers
 * @param block.out - row-major, one row of item scores per user
 */
export function scoreBlock(block: {
  users: Float32Array
  items: Float32Array
  dim: number
  out: Float32Array
}): void {
  const { users, items, dim, out } = block
  const userCount = users.length / dim
  const itemCount = items.length / dim
  const blocked = itemCount - (itemCount % 4)
  // Four items stay in the cache while all users pass; their sums run independently.
  for (let item = 0; item < blocked; item += 4) {
    const row0 = item * dim
    const row1 = row0 + dim
    const row2 = row1 + dim
    const row3 = row2 + dim
    for (let user = 0; user < userCount; user++) {
      const row = user * dim
      let sum0 = 0
      let sum1 = 0
      let sum2 = 0
      let sum3 = 0
      for (let d = 0; d < dim; d++) {
        const value = users[row + d]
        sum0 += value * items[row0 + d]
        sum1 += value * items[row1 + d]
        sum2 += value * items[row2 + d]
        sum3 += value * items[row3 + d]
      }
      const place = user * itemCount + item
      out[place] = sum0
      out[place + 1] = sum1
      out[place + 2] = sum2
      out[place + 3] = sum3
    }
  }
  for (let item = blocked; item < itemCount; item++) {
    for (let user = 0; user < userCount; user++) {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += users[user * dim + d] * items[item * dim + d]
      out[user * itemCount + item] = sum
    }
  }
}
