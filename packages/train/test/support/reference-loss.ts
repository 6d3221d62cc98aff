import type { Batch, BipartiteGraph } from '@gnnrec/graph'

/** The parameters of a model in float64, by name. */
export type Tables = Readonly<Record<string, Float64Array>>

/** The BPR term of LightGCN with mean weights, forward only, dense and in float64. */
export function bprTerm(
  graph: BipartiteGraph,
  { users, positives, negatives }: Batch,
  { userEmbeddings, itemEmbeddings }: Tables,
  layers: number,
): number {
  const { userCount, nodeCount, userDegrees, itemDegrees } = graph
  const dim = userEmbeddings.length / userCount
  let layer = new Float64Array([...userEmbeddings, ...itemEmbeddings])
  const final = layer.map((value) => value / (layers + 1))
  for (let l = 0; l < layers; l++) {
    const next = new Float64Array(nodeCount * dim)
    for (let user = 0; user < userCount; user++) {
      for (const item of graph.userItems(user)) {
        const weight = 1 / Math.sqrt(userDegrees[user] * itemDegrees[item])
        for (let c = 0; c < dim; c++) {
          const [u, i] = [user * dim + c, (userCount + item) * dim + c]
          next[u] += weight * layer[i]
          next[i] += weight * layer[u]
        }
      }
    }
    layer = next
    for (let i = 0; i < final.length; i++) final[i] += layer[i] / (layers + 1)
  }
  const score = (user: number, item: number) => {
    let sum = 0
    for (let c = 0; c < dim; c++) sum += final[user * dim + c] * final[(userCount + item) * dim + c]
    return sum
  }
  let loss = 0
  users.forEach((user, b) => {
    loss += Math.log1p(Math.exp(score(user, negatives[b]) - score(user, positives[b])))
  })
  return loss / users.length
}

/** Central differences of a function of tables, entry by entry. */
export function centralDifferences(
  loss: (tables: Tables) => number,
  tables: Tables,
  step: number,
): Record<string, Float64Array> {
  const gradients: Record<string, Float64Array> = {}
  for (const [name, table] of Object.entries(tables)) {
    gradients[name] = table.map((value, i) => {
      const at = (moved: number) => {
        const changed = table.slice()
        changed[i] = moved
        return loss({ ...tables, [name]: changed })
      }
      return (at(value + step) - at(value - step)) / (2 * step)
    })
  }
  return gradients
}
