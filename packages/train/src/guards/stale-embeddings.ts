import { fingerprint } from './fingerprint.js'
import { brief } from './format.js'
import type { Guard } from './guard.js'
import type { LossProbe } from './loss-probe.js'

const cause =
  'Probably the model keeps embeddings of an earlier forward pass; compute them anew from parameters() in every call of forward and lossTerms.'

/** Finds scores that have not changed although the parameters that they are computed from have. */
export const staleEmbeddings: Guard = {
  code: 'stale-embeddings',
  async examine(inspection) {
    const { state, settings, at } = inspection
    const before = state.fingerprints
    const samples = await inspection.samples()
    const now = {
      parameters: fingerprint(samples.map(({ values }) => values)),
      scores: fingerprint(await inspection.scores()),
    }
    state.fingerprints = now
    const isStale =
      before !== null && before.parameters !== now.parameters && before.scores === now.scores
    if (!isStale) return undefined
    return {
      message: `${settings.model.architecture} ranks by old embeddings: its scores are to the bit those of an earlier epoch, though the parameters have changed since. ${cause}`,
      values: { epoch: at.epoch },
    }
  },
}

/** Share by which a loss may change with the order of sums, which varies on a GPU. */
const rounding = 1e-5

/** Compares two losses of the same parameters and batch; returns undefined if they are equal. */
export function staleLoss(architecture: string, before: LossProbe, after: LossProbe) {
  if (before.parameterNorm !== after.parameterNorm) return undefined
  const name = Object.keys(after.terms).find(
    (term) => !isSame(before.terms[term], after.terms[term]),
  )
  if (name === undefined) return undefined
  const values = { before: before.terms[name], after: after.terms[name] }
  return {
    message: `${architecture} trains on old embeddings: '${name}' of the same batch, parameters and no dropout is ${brief(values.before)} at the end of an epoch and ${brief(values.after)} once the next has begun. ${cause}`,
    values,
  }
}

const isSame = (a: number, b: number) =>
  Object.is(a, b) || Math.abs(a - b) <= rounding * Math.max(Math.abs(a), Math.abs(b))
