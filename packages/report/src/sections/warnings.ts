import type { EvaluationFlag } from '@gnnrec/eval'
import type { Warning } from '../document/document.js'
import { formatShare, listed } from '../document/number-format.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'

/** Lists everything that makes numbers worth less than they look. */
export function warningsOf({ models, groups }: Study): Warning[] {
  const mismatches = groups.slice(1).map(({ items, differences }) => ({
    about: items.map(({ name }) => name).join(', '),
    text: `judged in another way than ${groups[0].items.map(({ name }) => name).join(', ')}, so that their numbers must not be compared: ${differences
      .map(({ field, a, b }) => `${field} is ${shown(b)} instead of ${shown(a)}`)
      .join('; ')}.`,
  }))
  return [...mismatches, ...sameTogether(models.flatMap(warningsOfModel))]
}

function warningsOfModel(model: StudiedModel): Warning[] {
  const { name, evaluation, history, depths } = model
  const texts = evaluation.flags.map((flag) => flagText(flag, model))
  for (const [metric, reason] of Object.entries(evaluation.undefinedMetrics)) {
    texts.push(`has no ${metric}, which is undefined: ${reason}.`)
  }
  for (const { code, epoch, message } of history?.findings ?? []) {
    texts.push(`found in training after epoch ${epoch} (${code}): ${message}`)
  }
  if (history?.stopReason === 'aborted') texts.push('the training was stopped before its end.')
  const last = depths?.at(-1)
  if (last?.state === 'collapsed') {
    texts.push(
      `the rows of the last layer, ${last.depth}, have collapsed: users and items can hardly be told apart there.`,
    )
  }
  return texts.map((text) => ({ about: name, text }))
}

/** Joins equal warnings about different models. */
function sameTogether(warnings: readonly Warning[]): Warning[] {
  const names = new Map<string, string[]>()
  for (const { about, text } of warnings) names.set(text, [...(names.get(text) ?? []), about])
  return [...names].map(([text, about]) => ({ about: listed(about), text }))
}

function flagText(flag: EvaluationFlag, { evaluation }: StudiedModel): string {
  switch (flag) {
    case 'degenerate':
      return `${formatShare(evaluation.degenerateShare)} of its lists are degenerate: so many items share a score that their order, not the model, decided. Its metrics say little.`
    case 'not-comparable-with-full-ranking':
      return `ranked among ${evaluation.protocol.ranking} candidates, which makes numbers larger and can change which model is better. They are not comparable with a ranking of all items.`
    case 'relevant-items-masked':
      return `${formatShare(evaluation.maskedRelevantItems / evaluation.relevantItems)} of the relevant items are masked, as their users have them in ${listed(evaluation.protocol.masked)}, too. Nobody can find them, so its metrics are too low. Call dropDuplicates before the split.`
    case 'ties-unknown':
      return 'lists came without scores, so that nobody knows how many ties decided them.'
    default:
      return `flagged as ${String(flag)}.`
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'absent')
  return text.length > 64 ? `${text.slice(0, 61)}…` : text
}
