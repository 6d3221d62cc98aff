import { join } from 'node:path'
import {
  ExperimentRunner,
  LocalPool,
  readExperimentFile,
  refitBest,
  resultTable,
  summarize,
  toMarkdown,
} from '@gnnrec/experiments'
import type { CommandIo } from './io.js'

interface RunFlags {
  readonly folder?: string
  readonly continue?: boolean
  readonly parallel?: number
  readonly saveModels?: boolean
  readonly saveBest?: string
  readonly quiet?: boolean
}

/** Runs the experiment of a file and prints its table. */
export async function run(
  [study]: readonly [string],
  flags: RunFlags,
  io: CommandIo,
): Promise<void> {
  const { folder, continue: skipExisting = false, parallel, saveModels = false, quiet } = flags
  const { definition, baseFolder } = await readExperimentFile(study)
  const results = folder ?? join('runs', definition.name)
  const runner = new ExperimentRunner({
    definition,
    baseFolder,
    folder: results,
    skipExisting,
    saveModels,
    ...(parallel !== undefined && { pool: new LocalPool({ parallel }) }),
    progress: quiet ? 'none' : 'lines',
    handleInterrupt: false,
  })
  const outcome = await runner.run({ signal: io.signal })
  if (outcome.stopped) {
    io.note(`Stopped; go on with gnnrec run ${study} --folder ${results} --continue.`)
    io.signal.throwIfAborted()
  }
  const summaries = summarize(outcome.results)
  const failed = outcome.results.filter(({ status }) => status === 'failed').length
  if (failed > 0) process.exitCode = 1
  const best =
    flags.saveBest === undefined
      ? []
      : await refitBest({
          definition,
          baseFolder,
          results: outcome.results,
          folder: flags.saveBest,
          signal: io.signal,
        })
  io.result({ folder: results, failed, results: summaries, best }, () =>
    [
      toMarkdown(resultTable(summaries)).trimEnd(),
      ...best.map(
        ({ dataset, model, setting, folder: saved }) =>
          `Best on ${dataset}: ${[model, setting].filter(Boolean).join(', ')}, fitted to all of it and saved in ${saved}.`,
      ),
    ].join('\n'),
  )
}
