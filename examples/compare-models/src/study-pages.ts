import { dirname, join } from 'node:path'
import { environment } from '@gnnrec/example-support'
import { type CompletedTrial, type ExperimentRun, readReport } from '@gnnrec/experiments'
import { type ReportModel, writeReport } from '@gnnrec/report'
import { readHistory } from './read-history.js'
import type { StudyNotes } from './studies.js'

/** Command and threads of a run. */
export interface ReportOrigin {
  readonly command: string
  readonly threads: number | undefined
}

/**
 * Writes a page for each data set that has more than one model or setting, with the first seed of
 * each.
 *
 * @returns the paths of the pages
 */
export async function writeStudyPages(
  { title, metric }: StudyNotes,
  { results, folder }: ExperimentRun,
  { command, threads }: ReportOrigin,
): Promise<string[]> {
  const completed = results.filter(
    (result): result is JudgedTrial =>
      result.status === 'completed' && result.phase === 'test' && result.report !== undefined,
  )
  const { node, cpu, threads: used, commit, versions } = environment(threads)
  const pages: string[] = []
  for (const dataset of new Set(completed.map((trial) => trial.dataset))) {
    const trials = firstSeeds(completed.filter((trial) => trial.dataset === dataset))
    if (trials.length < 2) continue
    const { html } = await writeReport(join(folder, `report-${encodeURIComponent(dataset)}`), {
      title: `${title} on ${dataset}`,
      metric,
      description: 'The first seed of every model; tables beside this page have all seeds.',
      models: await Promise.all(trials.map((trial) => modelOf(trial, folder))),
      environment: {
        command,
        node,
        cpu,
        threads: used,
        commit,
        packages: { '@gnnrec': versions.gnnrec },
      },
    })
    pages.push(html)
  }
  return pages
}

/** A trial with the values of all users. */
type JudgedTrial = CompletedTrial & { readonly report: string }

/** Returns trials in the order of models and settings. */
function firstSeeds(trials: readonly JudgedTrial[]): JudgedTrial[] {
  const found = new Map<string, JudgedTrial>()
  for (const trial of trials) {
    const other = found.get(nameOf(trial))
    if (!other || trial.seed < other.seed) found.set(nameOf(trial), trial)
  }
  return [...found.values()]
}

function nameOf({ model, setting }: CompletedTrial): string {
  return [model, setting].filter(Boolean).join(', ')
}

async function modelOf(trial: JudgedTrial, folder: string): Promise<ReportModel> {
  const { report } = trial
  return {
    name: nameOf(trial),
    evaluation: await readReport(folder, report),
    history: await readHistory(join(folder, dirname(report), 'training.jsonl')),
    peakMegabytes: trial.peakRssMb,
  }
}
