import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf, LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { loadRecipeSplit, recipeDatasets } from '../recipe/recipe-datasets.js'
import { candidate } from '../trials/candidate.js'
import type { Protocol } from '../trials/protocol.js'
import { logTrial, rowOf, trainCandidate } from '../trials/trial.js'

/** Upper limit of epochs for the paper's settings; validation chooses the best epoch. */
const paperEpochs = { small: 300, large: 60 }
const small = 100_000

export const fast: BenchmarkEntry = {
  summary:
    "LightGCN's preset 'fast' compared with 'paper' and BPR-MF on four data sets (--dataset)",
  async *run({ seed, threads, dataset }) {
    await useBackend('simd', threads === undefined ? {} : { threads })
    // The entry gowalla-paper evaluates on the test part of Gowalla; this entry does not read it.
    const known = recipeDatasets.filter((name) => name !== 'gowalla')
    if (dataset !== undefined && !known.includes(dataset)) {
      throw new Error(`--dataset: got '${dataset}'; expected one of ${known.join(', ')}.`)
    }
    const names = dataset === undefined ? known : [dataset]
    for (const name of names) {
      const split = await loadRecipeSplit(name)
      const graph = BipartiteGraph.fromInteractions(split.train)
      const protocol: Protocol = {
        dataset: name,
        split,
        graph,
        seed,
        metrics: ['ndcg@20', 'recall@20', 'coverage@10'],
      }
      const epochs = graph.edgeCount < small ? paperEpochs.small : paperEpochs.large
      const [bprMf, lightGcn] = [BprMf.presets, LightGcn.presets]
      const bpr = name === 'movietweetings' ? bprMf.recommended : bprMf.movieLens
      const judged = { ...lightGcn.fast.training, evaluateEvery: lightGcn.fast.training.epochs }
      for (const [label, each] of [
        ['BPR-MF', candidate('bpr-mf', bpr.model, bpr.training)],
        [
          "LightGCN, preset 'paper'",
          candidate('light-gcn', lightGcn.paper.model, {
            ...lightGcn.paper.training,
            epochs,
            evaluateEvery: 10,
            earlyStopping: { metric: 'ndcg@20', patience: 60 },
          }),
        ],
        ["LightGCN, preset 'fast'", candidate('light-gcn', lightGcn.fast.model, judged)],
      ] as const) {
        const trial = await trainCandidate(each, protocol)
        logTrial(trial, protocol)
        trial.dispose()
        yield { ...rowOf(trial, protocol), name: label }
      }
      graph.dispose()
    }
  },
}
