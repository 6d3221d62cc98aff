import type { Block, Section, Table } from '../document/document.js'
import {
  formatCount,
  formatDifference,
  formatInterval,
  formatPValue,
  formatSeconds,
  formatShare,
  formatValue,
  listed,
  plural,
} from '../document/number-format.js'
import { meanInterval } from '../study/mean-interval.js'
import { hasValue, metricsOf, valueText } from '../study/metric-value.js'
import type { PairedDifference, Ranking } from '../study/ranking.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { StudiedGroup, Study } from '../study/study.js'
import { groupTitle } from './group-title.js'
import { trainSeconds } from './train-seconds.js'

/** Largest adjusted p-value that counts as a difference beyond chance. */
const level = 0.05

/** Makes the section that names the best model and the evidence for it. */
export function summarySection(study: Study): Section {
  const { groups } = study
  const blocks: Block[] = []
  if (groups.length > 1) {
    blocks.push({
      kind: 'paragraph',
      lead: true,
      text: `The models were judged in ${groups.length} different ways, so none of them is called the best. Models that were judged in the same way stand together below.`,
    })
  }
  groups.forEach((group, place) => {
    if (groups.length > 1) blocks.push({ kind: 'heading', text: groupTitle(study, place) })
    blocks.push(...groupBlocks(study, group))
  })
  return { id: 'summary', title: 'Summary', blocks }
}

function groupBlocks(study: Study, group: StudiedGroup): Block[] {
  const { ranking } = group
  const { usersEvaluated, on } = group.items[0].evaluation.protocol
  const table: Block = {
    kind: 'table',
    caption: `Models on the ${on} part, ${plural(usersEvaluated, 'user')}. In brackets the ${percent(study)} interval of the mean over users.`,
    table: overview(study, group),
  }
  if (!ranking) {
    return [{ kind: 'paragraph', lead: true, text: unranked(study, group) }, table]
  }
  return [
    { kind: 'paragraph', lead: true, text: headline(study, ranking) },
    { kind: 'paragraph', text: certainty(ranking) },
    ...differenceFigure(study, ranking),
    table,
  ]
}

/** Says what a group has of the deciding metric in which fewer than two models have a value. */
function unranked(study: Study, { items }: StudiedGroup): string {
  const judged = items.filter((model) => hasValue(model, study.metric))
  const without = items.filter((model) => !judged.includes(model)).map(({ name }) => name)
  const values = judged.map(
    (model) =>
      `${model.name} has ${study.metric} ${valueText(model, study.metric)}${intervalText(study, model)}.`,
  )
  const missing = without.length > 0 ? `${study.metric} is undefined for ${listed(without)}.` : ''
  return [...values, missing].filter(Boolean).join(' ')
}

function headline(study: Study, { metric, best, others }: Ranking): string {
  const value = formatValue(best.evaluation.metrics[metric])
  const next = others.reduce((a, b) => (b.difference > a.difference ? b : a))
  const lead =
    next.difference === 0
      ? `the same as ${next.model.name}`
      : `${formatValue(-next.difference)} more than the next, ${next.model.name}`
  return `${best.name} has the highest ${metric}: ${value}${intervalText(study, best)}, ${lead}.`
}

function certainty({ best, others }: Ranking): string {
  const names = (wanted: (each: PairedDifference) => boolean) =>
    others.filter(wanted).map(({ model }) => model.name)
  const untested = names(({ adjusted }) => adjusted === undefined)
  const worse = names(({ adjusted }) => adjusted !== undefined && adjusted < level)
  const open = names(({ adjusted }) => adjusted !== undefined && adjusted >= level)
  const sentences = [
    worse.length > 0 &&
      `User by user, ${best.name} is better than ${listed(worse)} beyond chance (permutation test, p < ${level} by Holm's method).`,
    open.length > 0 && `Its lead over ${listed(open)} may be chance.`,
    untested.length > 0 &&
      `Nothing can be tested for ${listed(untested)}, as values per user were not kept.`,
    worse.length + open.length > 0 &&
      'Tests see how differences scatter over users, not how they would over trainings with other seeds.',
  ]
  return sentences.filter(Boolean).join(' ')
}

function differenceFigure(study: Study, { metric, best, others }: Ranking): Block[] {
  const tested = others.filter(({ tests }) => tests)
  if (tested.length === 0) return []
  const title = `Difference of ${metric} to ${best.name}`
  const sorted = [...tested].sort((a, b) => b.difference - a.difference)
  const finding = `Mean over users of each model's ${metric} less that of ${best.name}, with ${percent(study)} bootstrap intervals; an interval that reaches 0 leaves open which is better.`
  return [
    {
      kind: 'figure',
      title,
      finding,
      legend: [],
      panels: [
        {
          title,
          alternative: sorted
            .map(({ model, difference }) => `${model.name} ${formatDifference(difference)}`)
            .join(', '),
          chart: {
            kind: 'rows',
            mark: 'point',
            xTitle: `${metric} less that of the best`,
            rows: sorted.map(({ model, difference, tests }) => ({
              label: model.name,
              style: model.style,
              value: difference,
              interval: tests!.interval,
              text: formatDifference(difference),
            })),
          },
        },
      ],
      table: {
        columns: [
          { title: 'model', align: 'left' },
          { title: 'difference', align: 'right' },
          { title: `${percent(study)} interval`, align: 'right' },
          { title: 'p', align: 'right' },
          { title: 'p (Holm)', align: 'right' },
          { title: 'effect size dz', align: 'right' },
          { title: 'users', align: 'right' },
        ],
        rows: sorted.map(({ model, difference, tests, adjusted }) => [
          model.name,
          formatDifference(difference),
          formatInterval(tests!.interval),
          formatPValue(tests!.permutation.pValue),
          formatPValue(adjusted!),
          tests!.effectSize === undefined ? '' : formatDifference(tests!.effectSize),
          formatCount(tests!.pairs),
        ]),
      },
    },
  ]
}

/** Makes a table of the models with their most important numbers. */
function overview(study: Study, { items, ranking }: StudiedGroup): Table {
  const { metric, options } = study
  const right = (title: string) => ({ title, align: 'right' as const })
  const others = overviewMetrics(items, metric)
  const trained = items.some(({ history }) => history && history.epochs.length > 0)
  const timed = items.some((model) => trainSeconds(model) !== undefined)
  const measured = items.some(({ peakMegabytes }) => peakMegabytes !== undefined)
  return {
    columns: [
      { title: 'model', align: 'left' },
      right(`${metric} [${percent(study)}]`),
      ...(ranking ? [right('to the best'), right('p (Holm)')] : []),
      ...others.map(right),
      ...(trained ? [right('best epoch')] : []),
      ...(timed ? [right('training')] : []),
      ...(measured ? [right('peak MB')] : []),
    ],
    rows: items.map((model) => {
      const { name, evaluation, history, peakMegabytes } = model
      const compared = ranking?.others.find((each) => each.model === model)
      const interval = meanInterval(evaluation, metric, options.confidence)
      const seconds = trainSeconds(model)
      const bounds = interval ? ` [${interval.map(formatValue).join(', ')}]` : ''
      return [
        name,
        valueText(model, metric) + bounds,
        ...(ranking
          ? [
              toTheBest(model, ranking, compared),
              compared?.adjusted === undefined ? '' : formatPValue(compared.adjusted),
            ]
          : []),
        ...others.map((each) => valueText(model, each)),
        ...(trained ? [bestEpoch(history)] : []),
        ...(timed ? [seconds === undefined ? '' : formatSeconds(seconds)] : []),
        ...(measured
          ? [peakMegabytes === undefined ? '' : formatCount(Math.round(peakMegabytes))]
          : []),
      ]
    }),
  }
}

function toTheBest(
  model: StudiedModel,
  { best }: Ranking,
  compared: PairedDifference | undefined,
): string {
  if (compared) return formatDifference(compared.difference)
  return model === best ? 'best' : ''
}

/** Returns at most three other metrics at the same cut-off. */
function overviewMetrics(items: readonly StudiedModel[], metric: string): string[] {
  const cutoff = metric.slice(metric.lastIndexOf('@'))
  return metricsOf(items)
    .filter((name) => name !== metric && name.endsWith(cutoff))
    .slice(0, 3)
}

function bestEpoch(history: StudiedModel['history']): string {
  if (!history || history.epochs.length === 0) return ''
  return `${history.bestEpoch ?? history.epochs.length} of ${history.epochs.length}`
}

function intervalText(study: Study, { evaluation }: StudiedModel): string {
  const interval = meanInterval(evaluation, study.metric, study.options.confidence)
  return interval ? ` (${percent(study)} interval ${formatInterval(interval)})` : ''
}

function percent({ options }: Study): string {
  return formatShare(options.confidence)
}
