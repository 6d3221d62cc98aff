import * as z from 'zod'

/** Largest sizes and times of what a request may ask for or send. */
export interface RequestLimits {
  /**
   * Largest length `k` of a list.
   *
   * @defaultValue `1000`
   */
  listLength?: number
  /**
   * Most items of a history or of `since`.
   *
   * @defaultValue `10_000`
   */
  historyLength?: number
  /**
   * Most items of `exclude`, of `candidates`, and of a question for scores.
   *
   * @defaultValue `10_000`
   */
  itemCount?: number
  /**
   * Most characters of an id.
   *
   * @defaultValue `256`
   */
  idLength?: number
  /**
   * Most bytes of a body.
   *
   * @defaultValue `1_048_576`
   */
  bodyBytes?: number
  /**
   * Most levels of lists and objects in a body.
   *
   * @defaultValue `8`
   */
  bodyLevels?: number
  /**
   * Seconds within which a body has to arrive.
   *
   * @defaultValue `10`
   */
  bodySeconds?: number
}

const size = (largest: number, standard: number) => z.int().min(1).max(largest).default(standard)

export const limitsSchema = z.strictObject({
  listLength: size(1_000_000, 1000),
  historyLength: size(1_000_000, 10_000),
  itemCount: size(1_000_000, 10_000),
  idLength: size(65_536, 256),
  bodyBytes: size(2 ** 30, 2 ** 20),
  bodyLevels: size(64, 8),
  bodySeconds: z.number().positive().max(3600).default(10),
})

/** The limits with their defaults filled in. */
export type CheckedLimits = z.output<typeof limitsSchema>
