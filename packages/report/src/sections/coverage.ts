import type { Figure } from '../document/document.js'
import { listed } from '../document/number-format.js'
import { memberAt, metricFamilies, metricName } from '../study/metric-name.js'
import { hasValue, valueText } from '../study/metric-value.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'
import { legendOf } from './legend.js'

/** Makes the figure of accuracy against coverage; undefined if fewer than two models have both. */
export function coverageFigure(
  { metric }: Study,
  items: readonly StudiedModel[],
): Figure | undefined {
  const names = items.flatMap(({ evaluation }) => Object.keys(evaluation.metrics))
  const members = metricFamilies(names).get('coverage')
  if (!members) return undefined
  const coverage = memberAt(members, metricName(metric).k).name
  const judged = items.filter((model) => hasValue(model, coverage) && hasValue(model, metric))
  if (judged.length < 2) return undefined
  const front = judged
    .filter((model) => !judged.some((other) => dominates(other, model, [metric, coverage])))
    .map(({ name }) => name)
  const finding =
    front.length === 1
      ? `${front[0]} is above all others in both ${metric} and ${coverage}, the share of all items that is in some list.`
      : `${listed(front)} are not beaten by any model in both ${metric} and ${coverage}, the share of all items that is in some list.`
  return {
    kind: 'figure',
    title: 'Accuracy against coverage',
    finding,
    legend: legendOf(judged),
    panels: [
      {
        title: `${metric} against ${coverage}`,
        alternative: finding,
        chart: {
          kind: 'points',
          xTitle: coverage,
          yTitle: metric,
          points: judged.map(({ style, evaluation }) => ({
            style,
            x: evaluation.metrics[coverage],
            y: evaluation.metrics[metric],
          })),
        },
      },
    ],
    table: {
      columns: [
        { title: 'model', align: 'left' },
        { title: metric, align: 'right' },
        { title: coverage, align: 'right' },
      ],
      rows: judged.map((model) => [
        model.name,
        valueText(model, metric),
        valueText(model, coverage),
      ]),
    },
  }
}

function dominates(b: StudiedModel, a: StudiedModel, names: readonly string[]): boolean {
  const [inA, inB] = [a, b].map(({ evaluation }) => names.map((name) => evaluation.metrics[name]))
  return inB.every((value, i) => value >= inA[i]) && inB.some((value, i) => value > inA[i])
}
