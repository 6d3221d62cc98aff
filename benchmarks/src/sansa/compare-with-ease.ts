import { evaluate } from '@gnnrec/eval'
import type { ResultRow } from '@gnnrec/example-support'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { type Baseline, Ease, ModelTooLargeError, Sansa } from '@gnnrec/models'
import { measureRun } from '../measure-run.js'

/** λ of both models. */
const l2Weight = 500

/** The figures of a model that was computed. */
interface Computed {
  readonly ndcg: number
  readonly storedMegabytes: number
  readonly grownMegabytes: number
  readonly row: ResultRow
}

/** Yields the figures of `Sansa` and of `Ease`, if that fits, and their ratios. */
export async function* compareWithEase(dataset: string, split: Split): AsyncGenerator<ResultRow> {
  const graph = BipartiteGraph.fromInteractions(split.train)
  // Sansa comes first, so that memory which Ease leaves behind does not hide what it takes.
  const sansa = await computed('sansa', dataset, split, new Sansa(graph, { l2Weight }))
  yield sansa.row
  const ease = await easeIfItFits(dataset, split, graph)
  if (!ease) return
  yield ease.row
  yield {
    name: 'sansa / ease',
    dataset,
    ratio: {
      'ndcg@20': sansa.ndcg / ease.ndcg,
      'MB stored': sansa.storedMegabytes / ease.storedMegabytes,
      'MB of fitting': sansa.grownMegabytes / ease.grownMegabytes,
    },
  }
}

async function easeIfItFits(
  dataset: string,
  split: Split,
  graph: BipartiteGraph,
): Promise<Computed | undefined> {
  try {
    return await computed('ease', dataset, split, new Ease(graph, { l2Weight }))
  } catch (error) {
    if (!(error instanceof ModelTooLargeError)) throw error
    console.log(`${dataset}: ${error.message}`)
    return undefined
  }
}

async function computed(
  name: string,
  dataset: string,
  split: Split,
  model: Baseline,
): Promise<Computed> {
  const { result, seconds, grownBytes } = await measureRun(() => model.toRecommender())
  const files: Record<string, Uint8Array> = {}
  await result.save(files)
  const weights = Object.entries(files).find(([name]) => name.startsWith('serving-'))
  if (!weights) throw new Error(`${name} saved no weights.`)
  const storedMegabytes = weights[1].length / 1e6
  const grownMegabytes = grownBytes / 1e6
  const { metrics } = await evaluate(result, {
    split,
    on: 'test',
    metrics: ['ndcg@20', 'recall@20'],
  })
  const ndcg = metrics['ndcg@20'] as number
  const row: ResultRow = {
    name,
    dataset,
    model: name,
    settings: { ...model.options },
    seconds,
    metrics: { ...metrics, 'MB stored': storedMegabytes, 'MB of fitting': grownMegabytes },
  }
  return { ndcg, storedMegabytes, grownMegabytes, row }
}
