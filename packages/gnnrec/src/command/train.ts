import { resolve } from 'node:path'
import { train } from '../train.js'
import { checkFree } from '../training/train-result.js'
import { eventSource } from './events.js'
import type { CommandIo } from './io.js'
import { type TrainingFlags, trainOptions } from './training-flags.js'

interface TrainFlags extends TrainingFlags {
  readonly output: string
  readonly force?: boolean
  readonly report?: string
  readonly model?: string
  readonly preset?: string
  readonly from?: string
  readonly epochs?: number
  readonly compare?: boolean
}

/** Trains, saves, and tells what came of it. */
export async function run(
  [events]: readonly [string],
  flags: TrainFlags,
  io: CommandIo,
): Promise<void> {
  const { output, force = false, report, model, preset, from, epochs, compare } = flags
  // Nobody should wait for a training that cannot be saved.
  if (!force) await checkFree(resolve(output))
  const started = performance.now()
  const result = await train(eventSource(events), {
    ...trainOptions(flags, io),
    ...(model !== undefined && { model: { model, ...(preset !== undefined && { preset }) } }),
    ...(from !== undefined && { from: { folder: from, epochs, compare } }),
  })
  await result.save(output, { overwrite: force })
  result.dispose()
  let page: string | undefined
  if (report !== undefined) {
    const { writeReport } = await import('@gnnrec/report')
    page = (await writeReport(report, result.report)).html
  }
  const seconds = (performance.now() - started) / 1000
  const [user] = result.recommender.users.ids
  const json = { ...result.toJSON(), folder: output, ...(page && { report: page }), seconds }
  io.result(json, () =>
    [
      result.summary,
      `Saved in ${output} after ${seconds.toFixed(0)} s.${page ? ` The report is ${page}.` : ''}`,
      `Next: gnnrec recommend ${quoted(output)} ${quoted(String(user))}`,
    ].join('\n'),
  )
}

/** Returns a text as a word of a shell. */
function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
