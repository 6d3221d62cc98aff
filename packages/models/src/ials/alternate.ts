import type { BipartiteGraph, SparseMatrix, TimeSlice } from '@gnnrec/graph'
import { finishInSlices, type LeastSquaresRule, leastSquares } from '@gnnrec/graph/kernels'
import { foldInRidges, foldInRule, type LeastSquaresFoldIn } from '@gnnrec/serving/model-folder'

/** Embeddings of users and items, row-major. */
export interface FactorTables {
  readonly users: Float32Array
  readonly items: Float32Array
}

/** Settings of {@link alternate}. */
interface AlternationSettings {
  readonly foldIn: LeastSquaresFoldIn
  readonly embeddingDim: number
  readonly blockSize: number
  readonly sweeps: number
}

/** Overwrites tables by those after some sweeps, each of which solves all users, then all items. */
export async function alternate(
  graph: BipartiteGraph,
  tables: FactorTables,
  { foldIn, embeddingDim, blockSize, sweeps }: AlternationSettings,
  slice: TimeSlice,
): Promise<void> {
  const rule = foldInRule(foldIn, embeddingDim, blockSize)
  const sides = [usersOf(graph, tables, foldIn), itemsOf(graph, tables, foldIn)]
  await withSolver(rule, async (solver) => {
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (const { from, to, rows } of sides) {
        await finishInSlices(solver.setTable(from), slice)
        await finishInSlices(solver.solve(rows, to), slice)
      }
    }
  })
}

/** Overwrites the users by those who solve their least squares with the items as they are. */
export async function solveUsers(
  graph: BipartiteGraph,
  tables: FactorTables,
  { foldIn, embeddingDim, blockSize }: Omit<AlternationSettings, 'sweeps'>,
  slice: TimeSlice,
): Promise<void> {
  const { from, to, rows } = usersOf(graph, tables, foldIn)
  await withSolver(foldInRule(foldIn, embeddingDim, blockSize), async (solver) => {
    await finishInSlices(solver.setTable(from), slice)
    await finishInSlices(solver.solve(rows, to), slice)
  })
}

function usersOf(
  graph: BipartiteGraph,
  { users, items }: FactorTables,
  foldIn: LeastSquaresFoldIn,
) {
  const met = graph.biadjacency({ normalization: 'none' })
  return { from: items, to: users, rows: rowsOf(met, foldIn) }
}

function itemsOf(
  graph: BipartiteGraph,
  { users, items }: FactorTables,
  foldIn: LeastSquaresFoldIn,
) {
  const met = graph.biadjacency({ normalization: 'none' })
  return { from: users, to: items, rows: rowsOf(met.transpose(), foldIn) }
}

function rowsOf(
  { rowPointers, columnIndices, values, columns }: SparseMatrix,
  foldIn: LeastSquaresFoldIn,
) {
  return {
    pointers: rowPointers,
    columns: columnIndices,
    values: values.every((value) => value === 1) ? undefined : values,
    ridges: foldInRidges(foldIn, rowPointers, columns),
  }
}

async function withSolver(
  rule: LeastSquaresRule,
  use: (solver: ReturnType<typeof leastSquares>) => Promise<void>,
): Promise<void> {
  const solver = leastSquares(rule)
  try {
    await use(solver)
  } finally {
    solver.free()
  }
}
