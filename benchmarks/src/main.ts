import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  formatTable,
  parseCommandLine,
  type ResultRow,
  writeResults,
} from '@gnnrec/example-support'
import { GnnRecError } from '@gnnrec/graph'
import type { BenchmarkEntry } from './benchmark-entry.js'
import { gowallaProgress } from './entries/gowalla-progress.js'
import { sparseProduct } from './entries/spmm.js'
import { trainingStep } from './entries/step.js'
import { svdGcnS } from './entries/svd-gcn-s.js'
import { tune } from './entries/tune.js'

const entries: Readonly<Record<string, BenchmarkEntry>> = {
  spmm: sparseProduct,
  step: trainingStep,
  'gowalla-progress': gowallaProgress,
  'svd-gcn-s': svdGcnS,
  tune,
}
const names = Object.keys(entries)

const help = `Prints speed, memory and accuracy side by side. Data sets are looked for in GNNREC_DATA_DIR
and in the cache folder.

${names.map((name) => `  ${name.padEnd(19)}${entries[name].summary}`).join('\n')}

  --only NAME          run one entry (default: all, each in a process of its own)
  --dataset NAME       for entries that run on several sets`

async function main(): Promise<void> {
  const { values, seed, threads, json } = parseCommandLine('npm run bench -- [options]', help, {
    only: { type: 'string' },
    dataset: { type: 'string' },
  })
  const { only, dataset } = values as Record<string, string | undefined>
  if (only === undefined) return runEach(process.argv.slice(2))
  const entry = entries[only]
  if (!entry) throw new Error(`--only: got '${only}'; expected one of ${names.join(', ')}.`)
  console.log(`${only}: ${entry.summary}`)
  const rows: ResultRow[] = []
  for await (const row of entry.run({ seed, threads, ...(dataset !== undefined && { dataset }) }))
    rows.push(row)
  console.log(table(rows))
  if (json) await writeResults(json, threads, rows)
}

/** Each entry in its own process, so that peak memory is its own. */
function runEach(args: readonly string[]): void {
  for (const name of names) {
    const given = [...process.execArgv, fileURLToPath(import.meta.url), ...args, '--only', name]
    const { status } = spawnSync(process.execPath, given, { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}

function table(rows: readonly ResultRow[]): string {
  const figures = (values: Record<string, number> = {}) =>
    Object.entries(values).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
  return formatTable(
    ['what', 'seconds', 'peak MB', 'metrics', 'ratios'],
    rows.map((row) => [
      row.name,
      row.seconds === undefined ? '' : row.seconds.toPrecision(4),
      row.peakRssMb === undefined ? '' : String(row.peakRssMb),
      figures(row.metrics).join('\n'),
      figures(row.ratio).join('\n'),
    ]),
    ['left', 'right', 'right', 'left', 'left'],
  )
}

main().catch((error: unknown) => {
  console.error(GnnRecError.isInstance(error) ? error.message : error)
  process.exitCode = 1
})
