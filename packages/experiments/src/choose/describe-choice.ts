import type { Table, TableColumn } from '../report/table.js'
import type { ChoiceRow } from './choice.js'

const minus = '−'
/** Reason of what was not tried because of the limit of time. */
export const timeIsOver = 'the time of the budget was over'

/**
 * Says what was chosen, by how much, what else is level with the best, and what was not tried.
 *
 * @param seconds - the limit of time, when it was over before all was tried
 */
export function summaryOf(
  rows: readonly ChoiceRow[],
  metric: string,
  seconds: number | undefined,
): string {
  const chosen = rows.find(({ outcome }) => outcome === 'chosen')
  const best = rows.reduce<ChoiceRow | undefined>(
    (a, b) => ((b.best?.value ?? -1) > (a?.best?.value ?? -1) ? b : a),
    undefined,
  )
  if (!chosen?.best || !best?.best) return 'Nothing was chosen.'
  const sentences = [
    `Chosen: ${nameOf(chosen)}, with ${metric} ${chosen.best.value.toFixed(4)} on the validation part.`,
  ]
  if (best !== chosen) {
    sentences.push(
      `It is level with ${nameOf(best)}, the best with ${best.best.value.toFixed(4)} (difference ${signed(chosen.best.difference)}, 95 % interval ${intervalText(chosen.best.interval)}), and cheaper.`,
    )
  }
  const level = rows.filter((row) => row.outcome === 'level' && row !== best)
  if (level.length > 0) {
    sentences.push(`Level with the best are also ${level.map(({ label }) => label).join(', ')}.`)
  }
  const failed = rows.filter(({ outcome }) => outcome === 'failed')
  if (failed.length > 0) {
    sentences.push(`Without a result: ${failed.map(({ label }) => label).join(', ')}.`)
  }
  const isLate = ({ cutShort }: ChoiceRow) => cutShort === timeIsOver
  const skipped = rows.filter((row) => row.outcome === 'not-tried' && !isLate(row))
  for (const { label, cutShort } of skipped) sentences.push(`${label} was not tried: ${cutShort}.`)
  if (seconds !== undefined) {
    const late = rows.filter(isLate).map(({ label }) => label)
    const which = late.length > 0 ? ` (${late.join(', ')})` : ''
    sentences.push(
      `The time of the budget, ${seconds} s, was over before all candidates were tried to their end${which}, so that another machine may choose otherwise.`,
    )
  }
  return sentences.join(' ')
}

/** Makes the table of the candidates. */
export function tableOf(rows: readonly ChoiceRow[], metric: string): Table {
  const others = Object.keys(rows.find(({ best }) => best)?.best?.validation ?? {}).filter(
    (name) => name !== metric,
  )
  const right = (title: string): TableColumn => ({ title, align: 'right' })
  const columns: TableColumn[] = [
    { title: 'model', align: 'left' },
    { title: 'best setting', align: 'left' },
    { title: 'outcome', align: 'left' },
    right('tried'),
    right(metric),
    right('Δ to the best [95 %]'),
    ...others.map(right),
    right('fit s'),
    right('peak MB'),
    right('saved MB'),
    right('answer ms'),
  ]
  const body = rows.map(({ label, outcome, tried, settings, best }) => [
    label,
    best?.setting ?? '',
    outcome,
    `${tried} of ${settings}`,
    best?.value.toFixed(4) ?? '—',
    best ? `${signed(best.difference)} ${intervalText(best.interval)}` : '',
    ...others.map((name) => best?.validation[name]?.toFixed(4) ?? ''),
    best?.trainSeconds.toFixed(1) ?? '',
    best?.peakRssMb?.toFixed(0) ?? '',
    best?.serving ? (best.serving.bytes / 1e6).toFixed(2) : '',
    best?.serving?.recommendMs.toFixed(2) ?? '',
  ])
  const notes = rows.flatMap(({ label, failures, cutShort }) => [
    ...failures.map(
      ({ setting, reason }) => `${[label, setting].filter(Boolean).join(', ')}: ${reason}`,
    ),
    ...(cutShort === undefined ? [] : [`${label}: ${cutShort}.`]),
  ])
  return { columns, rows: body, ...(notes.length > 0 && { notes }) }
}

function nameOf({ label, best }: ChoiceRow): string {
  return best?.setting ? `${label} (${best.setting})` : label
}

function signed(value: number): string {
  return `${value < 0 ? minus : '+'}${Math.abs(value).toFixed(4)}`
}

function intervalText([low, high]: readonly [number, number]): string {
  return `[${signed(low)}, ${signed(high)}]`
}
