import type { JudgedModel } from './judge.js'
import { count } from './prepare-events.js'
import type { EventFacts } from './train-result.js'

/** Writes the summary of a training. */
export function summaryOf(
  events: EventFacts,
  notes: { readonly prepared: readonly string[]; readonly found: readonly string[] },
  { judgement }: Pick<JudgedModel, 'judgement'>,
): string {
  const read = `Read ${count(events.events, 'event')} of ${count(events.users, 'user')} and ${count(events.items, 'item')} from ${events.source}${columnsText(events)}.`
  const warnings = events.warnings.map((warning) => `Warning: ${warning}`)
  const last = `The model is fitted to all ${count(events.pairs, 'pair')} of a user and an item, and recommends nobody what they have.`
  return [read, ...warnings, ...notes.prepared, ...notes.found, testText(judgement), last].join(
    '\n',
  )
}

function columnsText({ columns }: EventFacts): string {
  if (!columns) return ''
  const texts = Object.entries(columns)
    .filter(([, place]) => place !== undefined)
    .map(
      ([role, place]) => `${role} ${typeof place === 'number' ? `column ${place}` : `'${place}'`}`,
    )
  return ` (${texts.join(', ')})`
}

function testText({
  metric,
  value,
  popularity,
  difference,
  interval,
  users,
}: JudgedModel['judgement']): string {
  const [low, high] = interval
  const verdict =
    low > 0
      ? 'better than Popularity'
      : high < 0
        ? 'worse than Popularity'
        : difference === 0
          ? 'the same as Popularity'
          : 'not clearly different from Popularity'
  return `On the test part (${count(users, 'user')}): ${metric} ${value.toFixed(4)}, Popularity ${popularity.toFixed(4)}; ${verdict} (difference ${signed(difference)}, 95 % interval ${signed(low)} to ${signed(high)}).`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`
}
