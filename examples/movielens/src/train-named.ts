import { join } from 'node:path'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import type { MovieOptions } from './options.js'
import { type TrainedModel, trainModel } from './train-model.js'

/**
 * Trains models with the preset of the data set, or the one that was asked for, on the training part. Those after a
 * Ctrl-C are left out.
 */
export async function trainNamed(
  split: Split,
  names: readonly string[],
  { dataset, preset, seed, epochs }: MovieOptions,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<readonly TrainedModel[]> {
  const graph = BipartiteGraph.fromInteractions(split.train, { lowRatings: 'accept' })
  const trained: TrainedModel[] = []
  for (const name of names) {
    if (signal.aborted) break
    console.log(`\n${name}`)
    const own = join(folder, name)
    const settings = { dataset, preset, graph, split, seed, epochs, folder: own, signal }
    const model = await trainModel(name, settings)
    if (!model) break
    trained.push(model)
  }
  return trained
}
