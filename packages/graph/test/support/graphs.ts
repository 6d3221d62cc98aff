import { readFileSync } from 'node:fs'
import { IdMap, type InteractionTable, type SparseMatrix } from '@gnnrec/graph'
import fc from 'fast-check'

export type Pair = readonly [user: number, item: number]

/** A table over the ids 0..users-1 and 0..items-1, of which some may have no interaction. */
export function tableOf(
  users: number,
  items: number,
  pairs: readonly Pair[],
): InteractionTable<number, number> {
  return {
    users: IdMap.from(Array.from({ length: users }, (_, id) => id)),
    items: IdMap.from(Array.from({ length: items }, (_, id) => id)),
    userIndex: Int32Array.from(pairs, ([user]) => user),
    itemIndex: Int32Array.from(pairs, ([, item]) => item),
  }
}

export interface GraphCase {
  readonly users: number
  readonly items: number
  readonly pairs: readonly Pair[]
}

/** Small graphs with repeated pairs and isolated nodes. */
export const graphCases: fc.Arbitrary<GraphCase> = fc
  .record({ users: fc.integer({ min: 1, max: 7 }), items: fc.integer({ min: 1, max: 7 }) })
  .chain(({ users, items }) =>
    fc.record({
      users: fc.constant(users),
      items: fc.constant(items),
      pairs: fc.array(
        fc.tuple(fc.integer({ min: 0, max: users - 1 }), fc.integer({ min: 0, max: items - 1 })),
        { minLength: 1, maxLength: 30 },
      ),
    }),
  )

/** The matrix as rows of numbers, read from its CSR arrays. */
export function toDense(matrix: SparseMatrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, row) => {
    const values = new Array<number>(matrix.columns).fill(0)
    for (let entry = matrix.rowPointers[row]; entry < matrix.rowPointers[row + 1]; entry++) {
      values[matrix.columnIndices[entry]] = matrix.values[entry]
    }
    return values
  })
}

export function transposed(dense: readonly (readonly number[])[], columns: number): number[][] {
  return Array.from({ length: columns }, (_, column) => dense.map((row) => row[column]))
}

/** A = [[0, R], [Rᵀ, 0]] of zeros and ones. */
export function denseAdjacency({ users, items, pairs }: GraphCase): number[][] {
  const nodes = users + items
  const a = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0))
  for (const [user, item] of pairs) {
    a[user][users + item] = 1
    a[users + item][user] = 1
  }
  return a
}

/** Eigenvalues of a symmetric matrix in ascending order, by Jacobi rotations. */
export function symmetricEigenvalues(matrix: readonly (readonly number[])[]): number[] {
  const a = matrix.map((row) => [...row])
  const n = a.length
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-15) continue
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
        const c = 1 / Math.hypot(t, 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [kp, kq] = [a[k][p], a[k][q]]
          a[k][p] = c * kp - s * kq
          a[k][q] = s * kp + c * kq
        }
        for (let k = 0; k < n; k++) {
          const [pk, qk] = [a[p][k], a[q][k]]
          a[p][k] = c * pk - s * qk
          a[q][k] = s * pk + c * qk
        }
      }
    }
  }
  return a.map((row, index) => row[index]).sort((x, y) => x - y)
}

export interface Tensor {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

export function readFixture<Expected>(name: string): {
  graph: {
    users: number
    items: number
    edges: Pair[]
    distinctEdges: number
    userDegrees: number[]
    itemDegrees: number[]
  }
  params: Record<string, unknown>
  tensors: Record<string, Tensor>
  expected: Expected
} {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))
}
