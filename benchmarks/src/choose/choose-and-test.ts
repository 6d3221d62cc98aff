import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { saveSplit } from '@gnnrec/data'
import type { ResultRow } from '@gnnrec/example-support'
import {
  type ChoiceRow,
  type ChooseOptions,
  choose,
  ExperimentRunner,
  type ModelEntry,
} from '@gnnrec/experiments'
import type { Split } from '@gnnrec/graph'

/** A data set to choose a model for. */
interface ChooseCase {
  /** Name of the data set. */
  readonly dataset: string
  readonly split: Split
  readonly seed: number
  readonly metric: string
  /** @defaultValue those of `choose` */
  readonly candidates?: NonNullable<ChooseOptions['candidates']>
  /** @defaultValue no limit */
  readonly budget?: NonNullable<ChooseOptions['budget']>
  /** Called with a line for each setting that ends. */
  readonly onLine?: (line: string) => void
}

type Best = NonNullable<ChoiceRow['best']>

/**
 * Chooses a model on the validation part, then judges the best setting of every candidate on the test part. The regret
 * is the share of the best test value that the choice gives away; on the other rows it is what they would.
 */
export async function chooseAndTest({
  dataset,
  split,
  seed,
  metric,
  candidates,
  budget,
  onLine,
}: ChooseCase): Promise<ResultRow[]> {
  const start = performance.now()
  const { rows } = await choose(split, {
    seed,
    metric,
    ...(candidates && { candidates }),
    ...(budget && { budget }),
    onProgress: (progress) => {
      if (progress.type !== 'result') return
      const { model, setting, value, reason } = progress
      onLine?.(`${dataset} ${model} ${setting}: ${value?.toFixed(4) ?? reason}`)
    },
  })
  const seconds = (performance.now() - start) / 1000
  const judged = rows.filter((row): row is ChoiceRow & { best: Best } => row.best !== undefined)
  const tested = await testValues(split, judged, { seed, metric })
  const most = Math.max(...tested.values())
  return rows.map(({ label, outcome, best, failures, cutShort }) => {
    const test = tested.get(label)
    return {
      name: `${dataset}: ${label}, ${outcome}`,
      dataset,
      model: label,
      ...(best && { settings: { ...best.used.options, setting: best.setting } }),
      ...(!best && { settings: { reason: failures[0]?.reason ?? cutShort ?? 'no value' } }),
      ...(best &&
        test !== undefined && {
          metrics: {
            [`validation ${metric}`]: best.value,
            [`test ${metric}`]: test,
            'regret %': (100 * (most - test)) / most,
            'fit s': best.trainSeconds,
          },
        }),
      ...(outcome === 'chosen' && { seconds }),
      ...(best?.peakRssMb !== undefined && { peakRssMb: best.peakRssMb }),
    }
  })
}

/** Judges the best settings on the test part; returns their values by label. */
async function testValues(
  split: Split,
  rows: readonly (ChoiceRow & { readonly best: Best })[],
  { seed, metric }: { readonly seed: number; readonly metric: string },
): Promise<ReadonlyMap<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-choose-test-'))
  try {
    await saveSplit(split, join(folder, 'split'))
    const runner = new ExperimentRunner({
      definition: {
        name: 'test',
        models: rows.map(entryOf),
        datasets: [{ dataset: 'given', savedSplit: 'split' }],
        seeds: [seed],
        protocol: { metrics: [metric], selection: metric, coldUsers: 'popularity' },
      },
      baseFolder: folder,
      folder: join(folder, 'run'),
      progress: 'none',
    })
    const { results } = await runner.run()
    return new Map(
      results.flatMap((result) => {
        const value = result.status === 'completed' ? result.test?.[metric] : undefined
        return value === undefined ? [] : [[result.model, value] as const]
      }),
    )
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

function entryOf({ model, label, best }: ChoiceRow & { readonly best: Best }): ModelEntry {
  const { seed: _seed, ...options } = best.used.options
  const { training } = best.used
  return { model, label, options, ...(training && { training }) }
}
