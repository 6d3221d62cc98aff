// Oxford spelling: neighbour and colour, but normalize and optimizer.

const british = {
  behavior: 'behaviour',
  canceled: 'cancelled',
  canceling: 'cancelling',
  center: 'centre',
  centered: 'centred',
  centering: 'centring',
  color: 'colour',
  colored: 'coloured',
  coloring: 'colouring',
  favor: 'favour',
  favored: 'favoured',
  favorite: 'favourite',
  flavor: 'flavour',
  flavored: 'flavoured',
  gray: 'grey',
  honor: 'honour',
  honored: 'honoured',
  labeled: 'labelled',
  labeling: 'labelling',
  modeled: 'modelled',
  modeling: 'modelling',
  neighbor: 'neighbour',
  neighboring: 'neighbouring',
  neighborhood: 'neighbourhood',
  signaled: 'signalled',
  unlabeled: 'unlabelled',
}

/** Words in -ise that are never written with z, without that ending; also all that end in -wise. */
const neverWithZ = new Set(
  `adv advert appr ar bru chast compr comprom conc cr cru d dem desp dev disgu enterpr exc exerc expert
   franch gu improv inc m merchand no parad po pr pra prec prem prom r ra rev sunr superv surpr telev tort
   torto treat turquo v val`.split(/\s+/),
)

/**
 * Returns the Oxford spelling of a word that is spelt otherwise, and nothing for all other words.
 *
 * @param {string} word in any case, without inner capitals
 */
export function oxfordSpelling(word) {
  const lower = word.toLowerCase()
  const singular = lower.replace(/s$/, '')
  if (Object.hasOwn(british, lower)) return british[lower]
  if (Object.hasOwn(british, singular)) return `${british[singular]}s`
  const parts = lower.match(/^(\w{2,})is(e|es|ed|er|ers|ing|able|ation|ations)$/)
  if (!parts || parts[1].endsWith('w')) return undefined
  if (neverWithZ.has(parts[1].replace(/^(un|re|de|im)(?=\w{2})/, '')) || neverWithZ.has(parts[1])) {
    return undefined
  }
  return `${parts[1]}iz${parts[2]}`
}

/** Words of a text, names in camel case taken apart, each with its place. */
export function* wordsOf(text) {
  for (const match of text.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)) {
    yield { word: match[0], at: match.index }
  }
}
