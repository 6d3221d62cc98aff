import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { csvField, recordOf } from '@gnnrec/graph/files'
import * as z from 'zod'
import { guardCodes } from '../guards/finding.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { TrainingHistory } from '../record/training-history.js'

const numbers = recordOf(z.number())
const count = z.int().min(0)

const record = z.strictObject({
  epoch: count,
  learningRate: z.number(),
  loss: z.number(),
  lossTerms: numbers,
  gradientNorm: z
    .strictObject({ mean: z.number(), largest: z.number(), clippedShare: z.number() })
    .optional(),
  valueClippedShare: z.number().optional(),
  validation: z.optional(numbers),
  undefinedMetrics: z.optional(recordOf(z.string())),
  steps: count,
  seconds: z.number(),
  evaluationSeconds: z.number(),
  guardSeconds: z.number(),
})

const time = z.iso.datetime()

/** Most cells of a history as CSV. A log of somebody else may have other metrics in each epoch. */
const mostCells = 100_000_000

/** The schema of one line of a training's log. */
const lineSchema = z.discriminatedUnion('type', [
  z.strictObject({
    time,
    type: z.literal('start'),
    model: z.string(),
    epochs: count,
    stepsPerEpoch: count,
    monitor: z.string().nullable(),
    resumedAfter: z.strictObject({ epochs: count, totalSteps: count }).optional(),
  }),
  z.strictObject({
    time,
    type: z.literal('epoch'),
    record,
    best: z.strictObject({ epoch: count, value: z.number() }).nullable(),
    // Logs of older versions do not say it.
    secondsLeft: z.number().optional(),
  }),
  z.strictObject({
    time,
    type: z.literal('checkpoint'),
    path: z.string(),
    epoch: count,
    totalSteps: count,
  }),
  z.strictObject({
    time,
    type: z.literal('finding'),
    code: z.enum(guardCodes),
    level: z.enum(['warn', 'stop']),
    epoch: count,
    message: z.string(),
    values: numbers,
  }),
  z.strictObject({ time, type: z.literal('warning'), message: z.string() }),
  z.strictObject({
    time,
    type: z.literal('end'),
    bestEpoch: count.nullable(),
    skippedDraws: count,
    bestValidation: z.nullable(numbers),
    stopReason: z.enum(['completed', 'early-stopping', 'aborted', 'nothing-to-train']),
    seconds: z.number(),
  }),
])

/**
 * A line of a training's log: a {@link TrainingEvent} and its time. Steps have no line, and the line of the end
 * lacks epochs and findings, which have lines of their own.
 */
export type TrainingLogLine = {
  /** Time of the event in ISO 8601, in UTC. */
  readonly time: string
} & (
  | Extract<
      TrainingEvent,
      { readonly type: 'start' | 'epoch' | 'checkpoint' | 'finding' | 'warning' }
    >
  | ({ readonly type: 'end' } & Omit<TrainingHistory, 'epochs' | 'findings'>)
)

/** Returns the line of an event; undefined for events that have none. */
export function logLine(event: TrainingEvent, now: Date): string | undefined {
  const line = lineOf(event)
  return line && `${JSON.stringify({ time: now.toISOString(), ...line })}\n`
}

function lineOf(event: TrainingEvent): object | undefined {
  switch (event.type) {
    case 'step':
      return undefined
    case 'end': {
      const { epochs, findings, ...rest } = event.history
      return { type: event.type, ...rest }
    }
    default:
      return event
  }
}

/**
 * Reads the text of a training's log. A last line that was cut short, for instance by a kill, is left out. A
 * training that was resumed from a checkpoint has a second `start` and may repeat epochs; the later lines count.
 *
 * @throws InvalidOptionsError naming the line that is not an event of a training
 *
 * @example
 * ```ts
 * import { parseTrainingLog } from '@gnnrec/train'
 *
 * const text =
 *   '{"time":"2026-01-31T12:00:00.000Z","type":"start","model":"LightGcn","epochs":2,"stepsPerEpoch":5,"monitor":null}\n'
 * const [line] = parseTrainingLog(text)
 * console.log(line.type === 'start' && line.model)
 * ```
 */
export function parseTrainingLog(text: string): TrainingLogLine[] {
  const lines = text.split('\n')
  // The text after the last line break was not written to its end.
  lines.pop()
  return lines.map((line, index) => {
    try {
      return parseOptions('the log', lineSchema, JSON.parse(line)) as TrainingLogLine
    } catch (cause) {
      throw new InvalidOptionsError(
        `Line ${index + 1} of the log is not an event of a training: ${(cause as Error).message}`,
        { cause },
      )
    }
  })
}

/**
 * Writes the epochs of a history as CSV with a header and a row for each epoch. Values that an epoch lacks are
 * empty.
 *
 * @throws InvalidOptionsError when the table would have more than 100 million cells
 *
 * @example
 * ```ts
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 * import { BipartiteGraph } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { historyToCsv, Trainer } from '@gnnrec/train'
 *
 * const records = Array.from({ length: 40 }, (_, row) => ({ user: row % 8, item: (row * row) % 11 }))
 * const table = fromRecords(records)
 * const train = Array.from({ length: table.userIndex.length }, (_, row) => row)
 * const split = splitRows(table, { train, validation: [], test: [] }, { name: 'example' })
 * const model = new LightGcn(BipartiteGraph.fromInteractions(split.train), { embeddingDim: 4 })
 * const history = await new Trainer({
 *   model,
 *   split,
 *   epochs: 2,
 *   batchSize: 16,
 *   learningRate: 0.01,
 *   sampling: 'user-uniform',
 *   progress: 'none',
 * }).fit()
 * console.log(historyToCsv(history))
 * ```
 */
export function historyToCsv({ epochs }: Pick<TrainingHistory, 'epochs'>): string {
  const rows = epochs.map(({ lossTerms, gradientNorm, validation, undefinedMetrics, ...rest }) => ({
    ...rest,
    ...prefixed('loss', lossTerms),
    ...prefixed('gradientNorm', gradientNorm),
    ...prefixed('validation', validation),
  }))
  const names = new Set<string>()
  for (const row of rows) for (const name of Object.keys(row)) names.add(name)
  const columns = [...names]
  if (columns.length * rows.length > mostCells) {
    throw new InvalidOptionsError(
      `The table would have ${columns.length * rows.length} cells, of ${rows.length} epochs and ${columns.length} columns; expected at most ${mostCells}. Write fewer epochs at a time.`,
    )
  }
  const cells = rows.map((row: Readonly<Record<string, number>>) =>
    columns.map((column) => row[column] ?? '').join(','),
  )
  return [columns.map(csvField).join(','), ...cells].map((line) => `${line}\n`).join('')
}

function prefixed(prefix: string, values: object | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [`${prefix}.${name}`, value]),
  )
}
