import * as z from 'zod'

/** The schema of a seed for `Rng.fromSeed`, which is 0 when it is left out. */
export const seedSchema = z
  .union([z.number(), z.string()], { error: 'expected a number or a string' })
  .default(0)
