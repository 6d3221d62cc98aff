import * as z from 'zod'

/** The shares of the rows for training, validation and test. They sum to 1. */
export type SplitRatios = readonly [train: number, validation: number, test: number]

/** The default shares: 70 % for training, 10 % for validation and 20 % for testing. */
export const defaultRatios: SplitRatios = [0.7, 0.1, 0.2]

const ratio = z.number().min(0).max(1)

/** The schema of three ratios that sum to 1 up to 1e-6, the first above 0. */
export const ratiosSchema = z
  .tuple([ratio.gt(0), ratio, ratio])
  .refine((ratios) => Math.abs(ratios[0] + ratios[1] + ratios[2] - 1) < 1e-6, {
    error: 'expected three ratios [train, validation, test] that sum to 1',
  })

/**
 * The rounding of the sizes of the parts.
 *
 * `'cut'` cuts n rows at ⌊n · train⌋ and ⌊n · (train + validation)⌋. `'down'` works as in RecBole:
 * validation has ⌊n · validation⌋ rows and test ⌊n · test⌋, each at least one if training keeps a row, and
 * training has the rest. With few rows a user, `'cut'` has larger test parts, which lowers the recall.
 */
export type SplitRounding = 'cut' | 'down'

export const roundingSchema = z.enum(['cut', 'down']).default('cut')

/**
 * Returns the cuts between the parts of n rows: training has the rows 0..cuts[0]-1, validation the rows
 * cuts[0]..cuts[1]-1, and test the others.
 *
 * The ratios are turned into integers first, because floating-point numbers would give wrong cuts:
 * `Math.floor(10 * (0.7 + 0.1))` is 7.
 */
export function cutPoints(
  rows: number,
  ratios: SplitRatios,
  rounding: SplitRounding = 'cut',
): [number, number] {
  const [train, validation, test] = ratios.map((ratio) => BigInt(Math.round(ratio * 1e9))) as [
    bigint,
    bigint,
    bigint,
  ]
  const total = train + validation + test
  const n = BigInt(rows)
  if (rounding === 'down') {
    const parts = [(n * validation) / total, (n * test) / total].map(Number) as [number, number]
    for (const [part, ratio] of [
      [1, test],
      [0, validation],
    ] as const) {
      const isMissing = parts[part] === 0 && ratio > 0
      if (isMissing && rows - parts[0] - parts[1] > 1) parts[part] = 1
    }
    return [rows - parts[0] - parts[1], rows - parts[1]]
  }
  return [Number((n * train) / total), Number((n * (train + validation)) / total)]
}

/** Returns the cuts for the rows of one user: those of {@link cutPoints}, with at least one training row. */
export function userCutPoints(
  rows: number,
  ratios: SplitRatios,
  rounding: SplitRounding = 'cut',
): [number, number] {
  const [first, second] = cutPoints(rows, ratios, rounding)
  const train = Math.max(1, first)
  return [train, train + Math.min(second - first, rows - train)]
}
