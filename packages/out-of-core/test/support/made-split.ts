import { fromColumns, Rng, type Split, splitRows } from '@gnnrec/graph'

/** Users of two kinds, who like items of their kind: something to learn in little time. */
export function madeSplit({ users = 60, items = 40, perUser = 12, seed = 1 } = {}): Split {
  const rng = Rng.fromSeed(seed)
  const pairs = new Set<number>()
  for (let user = 0; user < users; user++) {
    for (let n = 0; n < perUser; n++) {
      const isOwn = rng.uniform() < 0.9
      const kind = (user % 2) ^ Number(!isOwn)
      pairs.add(user * items + 2 * rng.integer(items / 2) + kind)
    }
  }
  const all = [...pairs]
  const table = fromColumns({
    user: all.map((pair) => Math.floor(pair / items)),
    item: all.map((pair) => pair % items),
  })
  const rows = { train: [] as number[], validation: [] as number[], test: [] as number[] }
  all.forEach((_, row) => {
    const part = row % 10 === 9 ? rows.test : row % 10 === 8 ? rows.validation : rows.train
    part.push(row)
  })
  return splitRows(table, rows, { name: 'made' })
}
