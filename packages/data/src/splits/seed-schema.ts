import * as z from 'zod'

/** A seed of `Rng.fromSeed`; 0 when it is left out. */
export const seedSchema = z
  .union([z.number(), z.string()], { error: 'expected a number or a string' })
  .default(0)
