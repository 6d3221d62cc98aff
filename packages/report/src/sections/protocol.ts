import type { EvaluationProtocol } from '@gnnrec/eval'
import type { Block, Column, Section, Table } from '../document/document.js'
import { formatCount, formatSeconds, formatShare, listed } from '../document/number-format.js'
import type { ReportEnvironment } from '../report-options.js'
import { metricName } from '../study/metric-name.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { StudiedGroup, Study } from '../study/study.js'

/** Makes the section of the protocol and the environment. */
export function protocolSection({ groups, models, options }: Study): Section {
  const blocks: Block[] = [
    { kind: 'table', caption: 'Protocol of the evaluation.', table: protocolTable(groups) },
    {
      kind: 'table',
      caption: 'Metrics and what they are divided by.',
      table: denominators(groups),
    },
    { kind: 'table', caption: 'Evaluation of each model.', table: evaluationTable(models) },
  ]
  const rows = environmentRows(options.environment)
  if (rows.length > 0) {
    blocks.push({
      kind: 'table',
      caption: 'Environment.',
      table: {
        columns: [
          { title: 'what', align: 'left' },
          { title: 'value', align: 'left' },
        ],
        rows,
      },
    })
  }
  return { id: 'protocol', title: 'Protocol and environment', blocks }
}

/** Makes a table of evaluations without the columns in which no model has anything. */
function evaluationTable(models: readonly StudiedModel[]): Table {
  const columns: readonly (Column & { text: (model: StudiedModel) => string })[] = [
    { title: 'model', align: 'left', text: ({ name }) => name },
    {
      title: 'degenerate lists',
      align: 'right',
      text: ({ evaluation: { flags, degenerateShare } }) =>
        flags.includes('ties-unknown') ? '' : formatShare(degenerateShare),
    },
    {
      title: 'masked relevant items',
      align: 'right',
      text: ({ evaluation: { maskedRelevantItems, relevantItems } }) =>
        maskedRelevantItems === 0
          ? ''
          : `${formatCount(maskedRelevantItems)} of ${formatCount(relevantItems)}`,
    },
    {
      title: 'evaluation',
      align: 'right',
      text: ({ evaluation }) => formatSeconds(evaluation.seconds),
    },
    {
      title: 'users without a value',
      align: 'left',
      text: ({ evaluation }) =>
        Object.entries(evaluation.undefinedUsers)
          .map(([metric, users]) => `${metric}: ${formatCount(users)}`)
          .join(', '),
    },
    { title: 'flags', align: 'left', text: ({ evaluation }) => evaluation.flags.join(', ') },
  ]
  const shown = columns.filter(({ text }) => models.some((model) => text(model) !== ''))
  return {
    columns: shown.map(({ title, align }) => ({ title, align })),
    rows: models.map((model) => shown.map(({ text }) => text(model))),
  }
}

function protocolTable(groups: readonly StudiedGroup[]): Table {
  const rows: readonly (readonly [string, (protocol: EvaluationProtocol) => string])[] = [
    ['split', ({ splitMethod }) => methodText(splitMethod)],
    ['split hash', ({ splitHash }) => splitHash],
    ['judged on', ({ on }) => on],
    ['left out of candidates', ({ masked }) => listed(masked) || 'nothing'],
    ['candidates', candidateText],
    ['equal scores', ({ tieRule }) => tieRule],
    ['definitions of metrics', ({ flavour }) => flavour],
    ['users', ({ users }) => users],
    ['users judged', ({ usersEvaluated }) => formatCount(usersEvaluated)],
    [
      'users without anything relevant',
      ({ usersWithoutRelevant }) => formatCount(usersWithoutRelevant),
    ],
    ['@gnnrec/eval', ({ libraryVersion }) => libraryVersion],
  ]
  return {
    columns: [
      { title: 'what', align: 'left' },
      ...groups.map(({ items }) => ({
        title: groups.length === 1 ? 'all models' : listed(items.map(({ name }) => name)),
        align: 'left' as const,
      })),
    ],
    rows: rows.map(([what, text]) => [
      what,
      ...groups.map(({ items: [{ evaluation }] }) => text(evaluation.protocol)),
    ]),
  }
}

function candidateText({ ranking, candidates, sampling, candidateHash }: EvaluationProtocol) {
  if (ranking === 'full') return `all ${formatCount(candidates)} items`
  if (sampling) {
    const { negatives, distribution, seed } = sampling
    return `the relevant ones among ${formatCount(negatives)} drawn (${distribution}, seed ${seed})`
  }
  return `given, at most ${formatCount(candidates)}${candidateHash ? `, SHA-256 ${candidateHash}` : ''}`
}

/** Writes the name and the settings of the method. */
function methodText({ name, settings }: EvaluationProtocol['splitMethod']): string {
  const parts = Object.entries(settings ?? {}).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [name, ...parts].join(', ')
}

/** Makes a table with a row for each definition; metrics that differ only in K share a row. */
function denominators(groups: readonly StudiedGroup[]): Table {
  const found = new Map<string, { names: Set<string>; text: string }>()
  for (const { evaluation } of groups.flatMap(({ items }) => items)) {
    for (const [metric, text] of Object.entries(evaluation.protocol.denominators)) {
      const key = `${metricName(metric).family}: ${text}`
      const row = found.get(key) ?? { names: new Set(), text }
      row.names.add(metric)
      found.set(key, row)
    }
  }
  return {
    columns: [
      { title: 'metrics', align: 'left' },
      { title: 'divided by', align: 'left' },
    ],
    rows: [...found.values()].map(({ names, text }) => [[...names].join(', '), text]),
  }
}

function environmentRows(environment: ReportEnvironment = {}): (readonly [string, string])[] {
  const { packages, threads, ...texts } = environment
  const fields = { ...texts, threads: threads === undefined ? undefined : String(threads) }
  const rows = Object.entries(fields).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  )
  return [...rows, ...Object.entries(packages ?? {})]
}
