import { evaluate } from '@gnnrec/eval'
import { Ease, ItemKnn, Popularity } from '@gnnrec/models'
import type { Protocol } from './protocol.js'
import type { Trial } from './trial.js'

/** A baseline with settings to try. */
export type BaselineCandidate =
  | { readonly name: 'ItemKnn'; readonly neighbours?: number; readonly shrinkage?: number }
  | { readonly name: 'Ease'; readonly l2Weight?: number }
  | { readonly name: 'Popularity' }

/** Fits a baseline and judges it on both parts. */
export async function fitBaseline(
  candidate: BaselineCandidate,
  { graph, split, metrics }: Protocol,
): Promise<Trial> {
  const { name, ...options } = candidate
  const started = performance.now()
  const recommender =
    name === 'Popularity'
      ? Popularity.fit(graph)
      : await (name === 'Ease' ? Ease : ItemKnn).fit(graph, options)
  const seconds = (performance.now() - started) / 1000
  return {
    name,
    settings: recommender.origin.options,
    recommender,
    seconds,
    validation: (await evaluate(recommender, { split, on: 'validation', metrics })).metrics,
    test: (await evaluate(recommender, { split, on: 'test', metrics })).metrics,
    dispose: () => recommender.dispose(),
  }
}

/** Fits a baseline with several settings and returns the one that ranks best on validation. */
export async function fitBestBaseline(
  candidates: readonly BaselineCandidate[],
  protocol: Protocol,
): Promise<Trial> {
  const [decides] = protocol.metrics
  let best: Trial | undefined
  for (const candidate of candidates) {
    const trial = await fitBaseline(candidate, protocol)
    const isBest = !best || trial.validation[decides] > best.validation[decides]
    ;(isBest ? best : trial)?.dispose()
    if (isBest) best = trial
  }
  if (!best) throw new Error('There is no baseline to fit.')
  return best
}
