import * as z from 'zod'

/** Parts of the rows for training, validation and test; they sum to 1. */
export type SplitRatios = readonly [train: number, validation: number, test: number]

/** 70 % for training, 10 % for validation, 20 % for testing. */
export const defaultRatios: SplitRatios = [0.7, 0.1, 0.2]

const ratio = z.number().min(0).max(1)

/** Three ratios, the first above 0, that sum to 1 up to 1e-6. */
export const ratiosSchema = z
  .tuple([ratio.gt(0), ratio, ratio])
  .refine((ratios) => Math.abs(ratios[0] + ratios[1] + ratios[2] - 1) < 1e-6, {
    error: 'expected three ratios [train, validation, test] that sum to 1',
  })

/**
 * What becomes of rows that do not divide: `'cut'` cuts at ⌊n · train⌋ and ⌊n · (train + validation)⌋;
 * `'down'` gives ⌊n · validation⌋ and ⌊n · test⌋ to these two, one where that is 0 and training keeps
 * one, and the rest to training, as RecBole does. With few rows per user the test parts of `'cut'` are
 * larger, which makes recall smaller.
 */
export type SplitRounding = 'cut' | 'down'

export const roundingSchema = z.enum(['cut', 'down']).default('cut')

/**
 * Where n rows are cut: training is 0..cuts[0]-1, validation cuts[0]..cuts[1]-1, the rest test.
 *
 * The cuts are ⌊n · train⌋ and ⌊n · (train + validation)⌋ in exact integer arithmetic on the ratios
 * as written, where `Math.floor(10 * (0.7 + 0.1))` would be 7.
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

/** The cuts for one user's rows: {@link cutPoints}, but at least one row for training. */
export function userCutPoints(
  rows: number,
  ratios: SplitRatios,
  rounding: SplitRounding = 'cut',
): [number, number] {
  const [first, second] = cutPoints(rows, ratios, rounding)
  const train = Math.max(1, first)
  return [train, train + Math.min(second - first, rows - train)]
}
