import {
  type CandidateFacts,
  type ChooseCandidate,
  defaultCandidates,
} from './choose-candidates.js'

/** A model whose settings would all take too long to be tried. */
export interface LeftOutCandidate {
  readonly model: string
  /** Number of settings that it has. */
  readonly settings: number
  readonly reason: string
}

/** Most settings of a model that are tried. */
const mostSettings = 3
/** Most seconds that one fit may take by the laws below; the chosen model is fitted three times more. */
const mostSeconds = 10

/**
 * Returns the candidates of a choice that is to end soon: of every model the first settings whose fit takes little. What
 * a fit takes is estimated from the size of the data alone, so that every machine tries the same.
 */
export function quickCandidates(facts: CandidateFacts): {
  readonly candidates: readonly ChooseCandidate[]
  readonly leftOut: readonly LeftOutCandidate[]
} {
  const candidates: ChooseCandidate[] = []
  const leftOut: LeftOutCandidate[] = []
  for (const candidate of defaultCandidates(facts).map(withShortTraining)) {
    const { model, settings = [{ label: '' }] } = candidate
    const seconds = settings.map(({ options = {}, training }) =>
      fitSeconds(model, { ...options, ...training }, facts),
    )
    const tried = settings.filter((_, place) => seconds[place] <= mostSeconds)
    if (tried.length > 0) {
      const isPlain = candidate.settings === undefined
      const few = tried.slice(0, mostSettings)
      candidates.push(isPlain ? candidate : { ...candidate, settings: few })
      continue
    }
    const fewest = Math.ceil(Math.min(...seconds))
    leftOut.push({
      model,
      settings: settings.length,
      reason: `a fit to data of this size takes about ${fewest} s, and a quick choice tries what takes ${mostSeconds} s at most`,
    })
  }
  return { candidates, leftOut }
}

/** Adds a shorter training of light-gcn, which is close to its best after three epochs. */
function withShortTraining(candidate: ChooseCandidate): ChooseCandidate {
  if (candidate.model !== 'light-gcn') return candidate
  return {
    ...candidate,
    settings: [
      { label: 'fast', training: { epochs: 8 } },
      { label: 'fast, epochs 3', training: { epochs: 3 } },
    ],
  }
}

/**
 * Estimates the seconds of a fit on two cores, which only trainings use both. The factors were measured on 60,000
 * interactions of 2,000 users and 5,000 items; only their order of magnitude counts.
 */
function fitSeconds(
  model: string,
  options: Readonly<Record<string, unknown>>,
  { interactions, userCount, itemCount }: CandidateFacts,
): number {
  const sizeOf = (name: string) => Number(options[name] ?? 0)
  switch (model) {
    case 'spectral-filter':
      return 8e-7 * interactions * sizeOf('vectors')
    case 'ials':
      return 1.6e-9 * (userCount + itemCount) * sizeOf('embeddingDim') ** 3
    case 'ease':
      return 4.4e-10 * itemCount ** 3
    case 'bpr-mf':
      // Its preset has 120 epochs.
      return 120 * 3e-6 * interactions
    case 'light-gcn':
      // Each of the batches, whose number grows with the interactions, has a forward pass over all of them.
      return 4.8e-10 * interactions ** 2 * sizeOf('epochs')
    default:
      return 0
  }
}
