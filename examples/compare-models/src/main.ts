import { join } from 'node:path'
import { commandText, type ResultRow, writeResults } from '@gnnrec/example-support'
import { ExperimentRunner, LocalPool } from '@gnnrec/experiments'
import { GnnRecError } from '@gnnrec/graph'
import { type CompareOptions, compareOptions } from './options.js'
import { plansOf, type StudyPlan } from './study-plan.js'
import { reportStudy, type StudyReport } from './study-report.js'

async function main(): Promise<void> {
  const options = compareOptions()
  const plans = await plansOf(options)
  const rows: ResultRow[] = []
  const pages: string[] = []
  for (const plan of plans) {
    if (plan.introduction) console.log(`${plan.introduction}\n`)
    const report = await runStudy(plan, options)
    if (!report) return
    console.log(`\n${report.text}`)
    rows.push(...rowsOf(plan.name, report))
    pages.push(...report.pages)
    if (report.models.some(({ failed }) => failed > 0)) process.exitCode = 1
  }
  console.log(`\nTables are in ${options.output}.`)
  if (options.saveModels) {
    console.log(`Models are in ${join(options.output, 'STUDY/trials/TRIAL/model')}.`)
  }
  for (const page of pages) console.log(`A report with plots of the first seed is ${page}`)
  if (options.json) await writeResults(options.json, options.threads, rows)
}

/** Runs a study; returns undefined when it was interrupted. */
async function runStudy(
  { name, study, definition, baseFolder }: StudyPlan,
  options: CompareOptions,
): Promise<StudyReport | undefined> {
  const run = await new ExperimentRunner({
    definition,
    baseFolder,
    folder: join(options.output, name),
    skipExisting: true,
    saveModels: options.saveModels,
    pool: new LocalPool({
      parallel: options.parallel,
      ...(options.threads !== undefined && { threads: options.threads }),
    }),
  }).run()
  if (run.stopped) {
    console.error('Interrupted; run the same command again to resume.')
    process.exitCode = 130
    return undefined
  }
  const command = commandText('npm run compare')
  return reportStudy(name, study, run, { command, threads: options.threads })
}

function rowsOf(study: string, { models, comparisons }: StudyReport): ResultRow[] {
  return models.map(({ dataset, model, setting, seeds, metrics, ...rest }) => {
    const compared = comparisons.find(
      (each) => each.dataset === dataset && each.model === model && each.setting === setting,
    )
    const values = Object.entries(metrics).flatMap(([metric, { mean, deviation }]) => [
      [metric, mean] as const,
      ...(deviation === undefined ? [] : [[`${metric} deviation`, deviation] as const]),
    ])
    return {
      name: `compare ${study}`,
      dataset,
      model,
      settings: { setting, seeds },
      metrics: {
        ...Object.fromEntries(values),
        ...(compared && { [`${compared.metric} difference`]: compared.difference }),
        ...(compared?.permutation && { 'p (Holm)': compared.permutation.adjusted }),
      },
      ...(rest.bestEpoch !== undefined && { epochs: rest.bestEpoch }),
      ...(rest.trainSeconds !== undefined && { seconds: rest.trainSeconds }),
      ...(rest.peakRssMb !== undefined && { peakRssMb: rest.peakRssMb }),
    }
  })
}

main().catch((error: unknown) => {
  // Errors that users can fix are one sentence; all others keep their stack.
  console.error(GnnRecError.isInstance(error) ? `\n${error.message}` : error)
  process.exitCode = 1
})
