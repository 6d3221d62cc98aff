import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ExperimentRun,
  type ModelSummary,
  type PairedComparison,
  pairedComparisons,
  resultCsv,
  resultTable,
  summarize,
  type Table,
  toLatex,
  toMarkdown,
} from '@gnnrec/experiments'
import { printableText } from '@gnnrec/graph'
import type { StudyNotes } from './studies.js'
import { findingsOf } from './study-findings.js'
import { type ReportOrigin, writeStudyPages } from './study-pages.js'

/** Results of a study. */
export interface StudyReport {
  readonly models: readonly ModelSummary[]
  readonly comparisons: readonly PairedComparison[]
  /** Findings in sentences. */
  readonly text: string
  /** Paths of the pages with plots, one for each data set. */
  readonly pages: readonly string[]
}

/** Summarizes a run, tests its differences and writes its tables as Markdown, CSV and LaTeX. */
export async function reportStudy(
  name: string,
  study: StudyNotes,
  run: ExperimentRun,
  origin: ReportOrigin,
): Promise<StudyReport> {
  const models = summarize(run.results)
  const comparisons = await comparisonsOf(study, run, models)
  const table = resultTable(models, { comparisons })
  const groups = groupTable(models)
  const failures = run.results.flatMap((result) =>
    result.status === 'failed'
      ? [`- ${printableText(`${result.trial}: ${result.failure.kind}: ${result.failure.message}`)}`]
      : [],
  )
  const findings = await findingsOf(run)
  const text = [
    `## ${study.title}`,
    `\`${origin.command}\``,
    explanation(study, comparisons.length > 0),
    toMarkdown(table).trimEnd(),
    ...(groups
      ? ['Users with rows in train (warm) and without (cold):', toMarkdown(groups).trimEnd()]
      : []),
    ...(study.note ? [study.note] : []),
    ...(findings.length > 0
      ? [`Findings of the guards, which watch a training:\n\n${findings.join('\n')}`]
      : []),
    ...(failures.length > 0 ? [`Failed trials:\n\n${failures.join('\n')}`] : []),
  ].join('\n\n')
  await writeFile(join(run.folder, `${name}.md`), `${text}\n`)
  await writeFile(join(run.folder, `${name}.csv`), resultCsv(models, comparisons))
  const latex = [toLatex(table, { caption: study.title, label: `tab:${name}` })]
  if (groups) {
    const caption = `${study.title}: warm and cold users`
    latex.push(toLatex(groups, { caption, label: `tab:${name}-groups` }))
  }
  await writeFile(join(run.folder, `${name}.tex`), latex.join('\n'))
  const pages = await writeStudyPages(study, run, origin)
  return { models, comparisons, text, pages }
}

function explanation({ metric, reference }: StudyNotes, isCompared: boolean): string {
  const values = 'Mean ± standard deviation over seeds, on the test part. More in the CSV.'
  if (!isCompared) return values
  const what =
    'model' in reference
      ? reference.model
      : `the same model with ${reference.settings.join(' or ')}`
  return `${values} Δ: ${metric} less that of ${what}, each user averaged over seeds, with the 95 % bootstrap interval over users; p of the two-sided permutation test over users, adjusted by Holm's method; dz: Cohen's effect size.`
}

async function comparisonsOf(
  { metric, reference }: StudyNotes,
  { results, folder }: ExperimentRun,
  models: readonly ModelSummary[],
): Promise<PairedComparison[]> {
  const done = models.filter(({ seeds }) => seeds.length > 0)
  if ('model' in reference) {
    const { model } = reference
    if (!done.some((each) => each.model === model)) return []
    return pairedComparisons({ results, folder, metric, reference })
  }
  const found: PairedComparison[] = []
  for (const model of new Set(done.map((each) => each.model))) {
    const own = done.filter((each) => each.model === model)
    const setting = reference.settings.find((label) => own.some((each) => each.setting === label))
    if (setting === undefined) continue
    const ofModel = results.filter((result) => result.model === model)
    found.push(
      ...(await pairedComparisons({
        results: ofModel,
        folder,
        metric,
        reference: { model, setting },
      })),
    )
  }
  return found
}

/** Makes a table of warm and cold users; returns undefined when all users are warm. */
function groupTable(models: readonly ModelSummary[]): Table | undefined {
  const withGroups = models.filter(({ userGroups }) => userGroups)
  if (withGroups.length === 0) return undefined
  const metrics = Object.keys(withGroups[0].userGroups?.cold.metrics ?? {})
  const right = (title: string) => ({ title, align: 'right' }) as const
  const counts = withGroups[0].userGroups
  const cells = ({ userGroups }: ModelSummary, group: 'warm' | 'cold') =>
    metrics.map((metric) => {
      const summary = userGroups?.[group].metrics[metric]
      if (!summary) return ''
      const { mean, deviation } = summary
      const spread = deviation === undefined ? '' : ` ± ${deviation.toFixed(4)}`
      return `${mean.toFixed(4)}${spread}`
    })
  return {
    columns: [
      { title: 'dataset', align: 'left' },
      { title: 'model', align: 'left' },
      ...metrics.map((metric) => right(`${metric}, ${counts?.warm.users} warm`)),
      ...metrics.map((metric) => right(`${metric}, ${counts?.cold.users} cold`)),
    ],
    rows: withGroups.map((model) => [
      ...[model.dataset, model.model],
      ...cells(model, 'warm'),
      ...cells(model, 'cold'),
    ]),
  }
}
