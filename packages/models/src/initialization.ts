import type { Rng } from '@gnnrec/graph'

/**
 * Distribution of initial embeddings in a table [rows, d]:
 *
 * - `'normal'`: N(0, initialDeviation²)
 * - `'xavier-uniform'`: U(-a, a) with a = √(6 / (rows + d)), so a deviation of √(2 / (rows + d))
 * - `'xavier-normal'`: N(0, 2 / (rows + d))
 *
 * (Glorot & Bengio, AISTATS 2010, https://proceedings.mlr.press/v9/glorot10a.html.)
 */
export type Initialization = 'normal' | 'xavier-uniform' | 'xavier-normal'

/**
 * Fills a table; two tables of one shape and stream get the same values.
 *
 * @example
 * ```ts
 * import { Rng } from '@gnnrec/graph'
 * import { initializeTable } from '@gnnrec/models'
 *
 * const table = new Float32Array(3 * 2)
 * initializeTable(table, [3, 2], Rng.fromSeed(1), { initialization: 'normal', initialDeviation: 0.1 })
 * console.log(table)
 * ```
 */
export function initializeTable(
  values: Float32Array,
  [rows, columns]: readonly [rows: number, columns: number],
  rng: Rng,
  settings: { readonly initialization: Initialization; readonly initialDeviation: number },
): void {
  const { initialization, initialDeviation } = settings
  if (initialization === 'xavier-uniform') fillXavierUniform(values, [rows, columns], rng)
  else {
    const xavier = Math.sqrt(2 / (rows + columns))
    rng.fillNormal(values, initialization === 'normal' ? initialDeviation : xavier)
  }
}

/** Fills a table or a dense map [rows, columns] as `'xavier-uniform'` says. */
export function fillXavierUniform(
  values: Float32Array,
  [rows, columns]: readonly [rows: number, columns: number],
  rng: Rng,
): void {
  const bound = Math.sqrt(6 / (rows + columns))
  for (let i = 0; i < values.length; i++) values[i] = bound * (2 * rng.uniform() - 1)
}
