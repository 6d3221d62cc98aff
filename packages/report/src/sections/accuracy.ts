import type { Block, Column, Figure, Section } from '../document/document.js'
import { formatInterval, formatShare, formatValue } from '../document/number-format.js'
import { meanInterval } from '../study/mean-interval.js'
import { memberAt, metricFamilies, metricName } from '../study/metric-name.js'
import { hasValue, metricsOf, valueText } from '../study/metric-value.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'
import { coverageFigure } from './coverage.js'
import { groupTitle } from './group-title.js'
import { courseText, leaderText } from './leaders.js'
import { legendOf } from './legend.js'

/**
 * Makes the section of metrics with their intervals, at all cut-offs, and of accuracy against coverage.
 */
export function accuracySection(study: Study): Section {
  const blocks = study.groups.flatMap(({ items }, place): Block[] => {
    const figures = [
      valuesFigure(study, items),
      cutoffFigure(study, items),
      coverageFigure(study, items),
    ].filter((figure) => figure !== undefined)
    return study.groups.length > 1
      ? [{ kind: 'heading', text: groupTitle(study, place) }, ...figures]
      : figures
  })
  return { id: 'metrics', title: 'Metrics', blocks }
}

/** Makes a panel for each definition, at the cut-off of the deciding metric if it has that cut-off. */
function valuesFigure({ metric, options }: Study, items: readonly StudiedModel[]): Figure {
  const { k } = metricName(metric)
  const families = familiesOf(items, metric)
  const shown = [...families.values()].map((members) => memberAt(members, k).name)
  const names = [
    ...new Set([...[...families.values()].flat().map((each) => each.name), ...metricsOf(items)]),
  ]
  const confidence = formatShare(options.confidence)
  return {
    kind: 'figure',
    title: 'Metrics of all models',
    finding: `Whiskers are ${confidence} normal intervals of the mean over users; metrics over all lists together, such as coverage, have none. ${leaderText(items, shown)}`,
    legend: [],
    panels: shown.map((name) => {
      const judged = items.filter((model) => hasValue(model, name))
      return {
        title: name,
        alternative: judged
          .map((model) => `${model.name} ${formatValue(model.evaluation.metrics[name])}`)
          .join(', '),
        chart: {
          kind: 'rows',
          mark: 'bar',
          xTitle: '',
          rows: judged.map((model) => ({
            label: model.name,
            style: model.style,
            value: model.evaluation.metrics[name],
            interval: meanInterval(model.evaluation, name, options.confidence),
            text: formatValue(model.evaluation.metrics[name]),
          })),
        },
      }
    }),
    table: {
      columns: [
        { title: 'metric', align: 'left' },
        ...items.flatMap(({ name }): Column[] => [
          { title: name, align: 'right' },
          { title: `${confidence} interval`, align: 'right' },
        ]),
      ],
      rows: names.map((name) => [
        name,
        ...items.flatMap((model) => {
          const interval = meanInterval(model.evaluation, name, options.confidence)
          return [valueText(model, name), interval ? formatInterval(interval) : '']
        }),
      ]),
    },
  }
}

function cutoffFigure({ metric }: Study, items: readonly StudiedModel[]): Figure | undefined {
  const families = [...familiesOf(items, metric)]
    .map(([family, all]) => [family, all.filter(({ k }) => k !== undefined)] as const)
    .filter(([, members]) => members.length > 1)
  if (families.length === 0) return undefined
  return {
    kind: 'figure',
    title: 'Metrics against the length of the list',
    finding: `All lists are cut from one ranking. ${courseText(items, families)}`,
    legend: legendOf(items),
    panels: families.map(([family, members]) => ({
      title: `${family}@K`,
      alternative: courseText(items, [[family, members]]),
      chart: {
        kind: 'lines',
        xTitle: 'K',
        xScale: 'log',
        fromZero: true,
        xTicks: members.map(({ k }) => k!),
        series: items.map((model) => ({
          style: model.style,
          points: members
            .filter(({ name }) => hasValue(model, name))
            .map(({ name, k }) => [k!, model.evaluation.metrics[name]] as const),
        })),
      },
    })),
    table: {
      columns: [
        { title: 'metric', align: 'left' },
        ...items.map(({ name }): Column => ({ title: name, align: 'right' })),
      ],
      rows: families.flatMap(([, members]) =>
        members.map(({ name }) => [name, ...items.map((model) => valueText(model, name))]),
      ),
    },
  }
}

/** Returns the metrics by definition; that of the deciding metric comes first. */
function familiesOf(items: readonly StudiedModel[], metric: string) {
  const names = items.flatMap(({ evaluation }) => Object.keys(evaluation.metrics))
  const { family } = metricName(metric)
  const first = names.filter((name) => metricName(name).family === family)
  return metricFamilies([...first, ...names])
}
