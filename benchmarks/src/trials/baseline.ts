import { evaluate } from '@gnnrec/eval'
import { models } from '@gnnrec/models'
import type { Protocol } from './protocol.js'
import type { Trial } from './trial.js'

/** A baseline, by its name in the registry, with settings to try. */
export interface BaselineCandidate {
  readonly name: string
  readonly options?: object
}

/** Fits a baseline and judges it on both parts. */
export async function fitBaseline(
  { name, options = {} }: BaselineCandidate,
  { graph, split, metrics }: Protocol,
): Promise<Trial> {
  const started = performance.now()
  const recommender = await models.create(graph, { architecture: name, options }).toRecommender()
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
