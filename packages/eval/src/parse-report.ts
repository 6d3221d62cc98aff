import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { isDeeperThan, listOf, recordOf } from '@gnnrec/graph/files'
import * as z from 'zod'
import { type EvaluationProtocol, EvaluationReport } from './evaluation-report.js'

const index = z.int().nonnegative()
/** An index of a user, which is an int32. */
const userIndex = index.max(2 ** 31 - 1)
/** Largest number of lists and objects within each other in a setting of a split. */
const mostLevels = 64
const setting = z.unknown().refine((value) => !isDeeperThan(value, mostLevels), {
  error: `expected at most ${mostLevels} levels of lists and objects`,
})

const segment = z.looseObject({
  name: z.string(),
  from: z.number().optional(),
  to: z.number().optional(),
  users: index,
  items: index.optional(),
  recommendedShare: z.number().optional(),
  relevantShare: z.number().optional(),
  metrics: recordOf(z.number()),
})

/** The schema of a protocol; other versions may have more fields. */
const protocol = z.looseObject({
  splitHash: z.string(),
  splitMethod: z.looseObject({ name: z.string(), settings: z.optional(recordOf(setting)) }),
  on: z.enum(['validation', 'test']),
  masked: listOf(z.string()),
  ranking: z.string(),
  candidates: index,
  candidateHash: z.string().optional(),
  sampling: z
    .looseObject({
      negatives: index,
      distribution: z.string(),
      seed: z.union([z.number(), z.string()]),
    })
    .optional(),
  tieRule: z.string(),
  flavour: z.string(),
  denominators: recordOf(z.string()),
  ks: listOf(index),
  users: z.string(),
  usersEvaluated: index,
  usersWithoutRelevant: index,
  usersWithoutTraining: index,
  relevantItemsWithoutTraining: index,
  libraryVersion: z.string(),
})

const schema = z.strictObject({
  metrics: recordOf(z.number()),
  undefinedMetrics: recordOf(z.string()),
  perUser: recordOf(listOf(z.number().nullable())),
  perUserKept: z.boolean(),
  undefinedUsers: recordOf(index),
  userIndices: listOf(userIndex),
  segments: recordOf(listOf(segment)),
  protocol,
  degenerateShare: z.number(),
  relevantItems: index,
  maskedRelevantItems: index,
  flags: listOf(z.string()),
  // They follow from the other fields.
  warnings: z.optional(listOf(z.string())),
  seconds: z.number(),
})

/**
 * Reads a report from its JSON, such as `JSON.parse(JSON.stringify(report))`.
 *
 * @throws InvalidOptionsError naming every field that is missing or wrong
 * @example
 * ```ts
 * import { evaluateLists, parseReport } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 * const lists = [
 *   { user: 'ann', items: ['Brazil'] },
 *   { user: 'bob', items: ['Alien'] },
 * ]
 * const saved = JSON.stringify(evaluateLists(lists, { split, on: 'test', metrics: ['recall@1'] }))
 *
 * const report = parseReport(JSON.parse(saved))
 * console.log(report.metrics['recall@1']) // 0.5
 * ```
 */
export function parseReport(json: unknown): EvaluationReport {
  const { perUser, userIndices, ...rest } = parseOptions('an evaluation report', schema, json)
  const columns = Object.entries(perUser).map(([name, values]) => {
    if (values.length !== userIndices.length) {
      throw new InvalidOptionsError(
        `perUser.${name}: got ${values.length} values; expected one for each of ${userIndices.length} users.`,
      )
    }
    return [name, Float64Array.from(values, (value) => value ?? Number.NaN)] as const
  })
  return new EvaluationReport({
    ...(rest as typeof rest & Pick<EvaluationReport, 'flags' | 'segments'>),
    protocol: rest.protocol as unknown as EvaluationProtocol,
    perUser: Object.fromEntries(columns),
    userIndices: Int32Array.from(userIndices),
  })
}
