import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseCommandLine, type ResultRow, writeResults } from '@gnnrec/example-support'
import { GnnRecError } from '@gnnrec/graph'
import type { BackendName } from '@gnnrec/ops'
import type { BenchmarkEntry } from './benchmark-entry.js'
import { ann } from './entries/ann.js'
import { backends } from './entries/backends.js'
import { bundleSize } from './entries/bundle-size.js'
import { chooseEntry } from './entries/choose.js'
import { coldStart } from './entries/cold-start.js'
import { crosscheck } from './entries/crosscheck.js'
import { depth } from './entries/depth.js'
import { duckdb } from './entries/duckdb.js'
import { evaluate } from './entries/evaluate.js'
import { fast } from './entries/fast.js'
import { fastSearch } from './entries/fast-search.js'
import { faults } from './entries/faults.js'
import { foldIn } from './entries/fold-in.js'
import { fuzz } from './entries/fuzz.js'
import { gowallaFilter } from './entries/gowalla-filter.js'
import { gowallaPaper } from './entries/gowalla-paper.js'
import { gowallaProgress } from './entries/gowalla-progress.js'
import { historyFilter } from './entries/history-filter.js'
import { kill } from './entries/kill.js'
import { latency } from './entries/latency.js'
import { lazyAdam } from './entries/lazy-adam.js'
import { load } from './entries/load.js'
import { ml1m } from './entries/ml1m.js'
import { models } from './entries/models.js'
import { overhead } from './entries/overhead.js'
import { peers } from './entries/peers.js'
import { sampled } from './entries/sampled.js'
import { sansa } from './entries/sansa.js'
import { scale } from './entries/scale.js'
import { scale100m } from './entries/scale-100m.js'
import { scale100mLists } from './entries/scale-100m-lists.js'
import { scale100mSvd } from './entries/scale-100m-svd.js'
import { sparseProduct } from './entries/spmm.js'
import { trainingStep } from './entries/step.js'
import { svdGcnS } from './entries/svd-gcn-s.js'
import { trainingMemory } from './entries/training-memory.js'
import { tune } from './entries/tune.js'
import { formatLine, formatRows } from './result-table.js'

const entries: Readonly<Record<string, BenchmarkEntry>> = {
  spmm: sparseProduct,
  step: trainingStep,
  backends,
  ann,
  'gowalla-progress': gowallaProgress,
  'gowalla-paper': gowallaPaper,
  'gowalla-filter': gowallaFilter,
  'history-filter': historyFilter,
  choose: chooseEntry,
  fast,
  'fast-search': fastSearch,
  'fold-in': foldIn,
  latency,
  'cold-start': coldStart,
  'bundle-size': bundleSize,
  'svd-gcn-s': svdGcnS,
  ml1m,
  models,
  depth,
  tune,
  sampled,
  overhead,
  'lazy-adam': lazyAdam,
  kill,
  fuzz,
  faults,
  load,
  duckdb,
  crosscheck,
  evaluate,
  scale,
  'training-memory': trainingMemory,
  sansa,
  'scale-100m': scale100m,
  'scale-100m-svd': scale100mSvd,
  'scale-100m-lists': scale100mLists,
  peers,
}
const names = Object.keys(entries)

const help = `Prints speed, memory and accuracy. Data sets are read from GNNREC_DATA_DIR
or from the cache folder.

${names.map((name) => `  ${name.padEnd(19)}${entries[name].summary}`).join('\n')}

  --only NAME          run one entry (default: all, each in a separate process)
  --dataset NAME       movietweetings (default) | ml-latest-small, for entries that run on both; fast
                       and fast-search know more data sets
  --model NAME         train only this model, in entries that train several
  --peer NAME          make only this comparison of the entry peers
  --edges N            number of edges for the entries scale and scale-100m…
  --kind NAME          only files of this kind in fuzz, this writer in faults, this kind of
                       recommender in latency
  --count N            repetitions: changed files of fuzz (50000), kills (1000), calls of
                       a writer in faults (1000), epochs of overhead's training for memory (1000),
                       measured runs of each side in peers (9), steps in scale (5), epochs of
                       sampled (3), users of scale-100m-lists (2048), calls of latency
                       (1000000), items of ann (1000000)
  --backend NAME       simd (default) | tensorflow | auto, for gowalla-paper; the only backend
                       to measure in the entry backends`

async function main(): Promise<void> {
  const { values, seed, threads, json } = parseCommandLine('npm run bench -- [options]', help, {
    only: { type: 'string' },
    dataset: { type: 'string' },
    model: { type: 'string' },
    peer: { type: 'string' },
    edges: { type: 'string' },
    count: { type: 'string' },
    kind: { type: 'string' },
    backend: { type: 'string' },
  })
  const { only, dataset, model, peer, edges, count, kind, backend } = values as Record<
    string,
    string | undefined
  >
  if (only === undefined) return runEach(process.argv.slice(2))
  const entry = entries[only]
  if (!entry) throw new Error(`--only: got '${only}'; expected one of ${names.join(', ')}.`)
  console.log(`${only}: ${entry.summary}`)
  const rows: ResultRow[] = []
  const settings = {
    seed,
    threads,
    ...(dataset !== undefined && { dataset }),
    ...(model !== undefined && { model }),
    ...(peer !== undefined && { peer }),
    ...(edges !== undefined && { edges: positive('--edges', edges) }),
    ...(count !== undefined && { count: positive('--count', count) }),
    ...(kind !== undefined && { kind }),
    ...(backend !== undefined && { backend: backend as BackendName }),
  }
  try {
    for await (const row of entry.run(settings)) {
      rows.push(row)
      // The table follows at the end; a run that is stopped has shown what it measured.
      console.error(formatLine(row))
    }
  } finally {
    // An entry that fails at its end has already yielded its rows.
    if (rows.length > 0) console.log(formatRows(rows))
    if (json) await writeResults(json, threads, rows)
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new Error(`${name}: got '${text}'; expected an integer from 1 up.`)
}

/** Runs an entry in a separate process, so that peak memory counts that entry alone. */
function runEach(args: readonly string[]): void {
  for (const name of names) {
    const given = [...process.execArgv, fileURLToPath(import.meta.url), ...args, '--only', name]
    const { status } = spawnSync(process.execPath, given, { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}

main().catch((error: unknown) => {
  console.error(GnnRecError.isInstance(error) ? error.message : error)
  process.exitCode = 1
})
