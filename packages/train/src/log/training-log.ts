import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { guardCodes } from '../guards/finding.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { TrainingHistory } from '../record/training-history.js'

const numbers = z.record(z.string(), z.number())
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
  validation: numbers.optional(),
  steps: count,
  seconds: z.number(),
  evaluationSeconds: z.number(),
  guardSeconds: z.number(),
})

const time = z.iso.datetime()

/** One line of a training's log. */
const lineSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...{ time, type: z.literal('start'), model: z.string(), epochs: count, stepsPerEpoch: count },
    monitor: z.string().nullable(),
    resumedAfter: z.strictObject({ epochs: count, totalSteps: count }).optional(),
  }),
  z.strictObject({
    ...{ time, type: z.literal('epoch'), record },
    best: z.strictObject({ epoch: count, value: z.number() }).nullable(),
  }),
  z.strictObject({
    ...{ time, type: z.literal('checkpoint'), path: z.string(), epoch: count, totalSteps: count },
  }),
  z.strictObject({
    ...{
      time,
      type: z.literal('finding'),
      code: z.enum(guardCodes),
      level: z.enum(['warn', 'stop']),
    },
    ...{ epoch: count, message: z.string(), values: numbers },
  }),
  z.strictObject({ time, type: z.literal('warning'), message: z.string() }),
  z.strictObject({
    ...{ time, type: z.literal('end'), bestEpoch: count.nullable(), skippedDraws: count },
    bestValidation: numbers.nullable(),
    stopReason: z.enum(['completed', 'early-stopping', 'aborted', 'nothing-to-train']),
    seconds: z.number(),
  }),
])

/**
 * One line of a training's log: an event as {@link TrainingEvent} has it, and when it was. Steps are
 * left out, and the end does without the epochs and findings, which have lines of their own.
 */
export type TrainingLogLine = {
  /** ISO 8601, in UTC. */
  readonly time: string
} & (
  | Extract<TrainingEvent, { readonly type: 'start' | 'checkpoint' | 'finding' | 'warning' }>
  | Omit<Extract<TrainingEvent, { readonly type: 'epoch' }>, 'secondsLeft'>
  | ({ readonly type: 'end' } & Omit<TrainingHistory, 'epochs' | 'findings'>)
)

/** The line of an event; undefined for those that have none. */
export function logLine(event: TrainingEvent, now: Date): string | undefined {
  const line = lineOf(event)
  return line && `${JSON.stringify({ time: now.toISOString(), ...line })}\n`
}

function lineOf(event: TrainingEvent): object | undefined {
  switch (event.type) {
    case 'step':
      return undefined
    case 'epoch': {
      const { secondsLeft, ...line } = event
      return line
    }
    case 'end': {
      const { epochs, findings, ...rest } = event.history
      return { type: event.type, ...rest }
    }
    default:
      return event
  }
}

/**
 * Reads the text of a training's log. A last line that was cut short, as by a kill, is left out. A
 * training that went on from a checkpoint has a second `start`, and may repeat epochs: the later lines
 * count.
 *
 * @throws InvalidOptionsError naming the line that is none
 */
export function parseTrainingLog(text: string): TrainingLogLine[] {
  const lines = text.split('\n')
  // What follows the last line break was not written to its end.
  lines.pop()
  return lines.map((line, index) => {
    try {
      return parseOptions('the log', lineSchema, JSON.parse(line)) as TrainingLogLine
    } catch (cause) {
      throw new InvalidOptionsError(
        `Line ${index + 1} of the log is no event of a training: ${(cause as Error).message}`,
        { cause },
      )
    }
  })
}

/** The epochs of a history as CSV with a header, a row an epoch; what an epoch lacks is empty. */
export function historyToCsv({ epochs }: Pick<TrainingHistory, 'epochs'>): string {
  const rows = epochs.map(({ lossTerms, gradientNorm, validation, ...rest }) => ({
    ...rest,
    ...prefixed('loss', lossTerms),
    ...prefixed('gradientNorm', gradientNorm),
    ...prefixed('validation', validation),
  }))
  const columns = [...new Set(rows.flatMap(Object.keys))]
  const cells = rows.map((row: Readonly<Record<string, number>>) =>
    columns.map((column) => row[column] ?? '').join(','),
  )
  return [columns.join(','), ...cells].map((line) => `${line}\n`).join('')
}

function prefixed(prefix: string, values: object | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [`${prefix}.${name}`, value]),
  )
}
