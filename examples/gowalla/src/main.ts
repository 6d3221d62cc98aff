import { formatTable, writeResults } from '@gnnrec/example-support'
import { GnnRecError } from '@gnnrec/graph'
import { type BackendName, useBackend } from '@gnnrec/ops'
import { MemoryLimitError } from '@gnnrec/out-of-core'
import { loadData } from './gowalla-data.js'
import { gowallaOptions } from './options.js'
import { peakResidentBytes } from './resident-memory.js'
import { trainGowalla } from './train.js'

async function main(): Promise<void> {
  const options = gowallaOptions()
  const { name, split } = await loadData(options.checkIns)
  const { threads, maxMemory, preset } = options
  const loaded = peakResidentBytes()
  if (maxMemory !== undefined && loaded > maxMemory) {
    throw new MemoryLimitError(
      `--max-memory: got ${megabytes(maxMemory)} MB, but reading the data needs ${megabytes(loaded)} MB; use a larger limit.`,
      loaded,
    )
  }
  await useBackend(options.backend as BackendName, threads === undefined ? {} : { threads })
  const { metrics, epochs, seconds, windows } = await trainGowalla(split, options)
  const peak = peakResidentBytes()
  const mb = (bytes: number | undefined) => (bytes === undefined ? '' : megabytes(bytes))
  console.log(
    formatTable(
      ['preset', ...Object.keys(metrics), 'epochs', 'train s', 'peak MB', 'limit MB', 'windows MB'],
      [
        [
          ...[preset, ...Object.values(metrics).map((value) => value.toFixed(4)), String(epochs)],
          ...[seconds.toFixed(0), mb(peak), mb(maxMemory), mb(windows)],
        ],
      ],
    ),
  )
  if (options.json) {
    const settings = { preset, maxMemory, windows, backend: options.backend }
    const row = { name: 'gowalla', dataset: name, model: 'light-gcn', settings, metrics }
    await writeResults(options.json, threads, [
      { ...row, epochs, seconds, peakRssMb: Math.round(peak / 1e6) },
    ])
  }
  if (maxMemory === undefined || peak <= maxMemory) return
  console.error(`The peak of ${mb(peak)} MB is above the limit of ${mb(maxMemory)} MB.`)
  process.exitCode = 1
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}

main().catch((error: unknown) => {
  // Errors that users can fix are one sentence; all others keep their stack.
  console.error(GnnRecError.isInstance(error) ? `\n${error.message}` : error)
  process.exitCode = 1
})
