import { compareReports, type EvaluationReport } from '@gnnrec/eval'
import { formatTable, type ResultRow } from '@gnnrec/example-support'
import type { TrainingHistory } from '@gnnrec/train'
import { metrics, selection, type TrainedModel } from './train-model.js'

/** Name of the model that the others are compared with. */
const reference = 'popularity'

/** Prints the metrics of all models, and their differences to Popularity with intervals over users. */
export function resultTable(trained: readonly TrainedModel[], rows: readonly ResultRow[]): string {
  const base = trained.find(({ name }) => name === reference)?.report
  const head = [
    'model',
    ...metrics,
    ...(base ? [`Δ ${selection} to ${reference} [95 %]`] : []),
    'best epoch',
    'train s',
    'peak MB',
  ]
  const lines = trained.map(({ name, report, history, seconds }, place) => [
    name,
    ...metrics.map((metric) => report.metrics[metric]?.toFixed(4) ?? '—'),
    ...(base ? [name === reference ? '' : differenceTo(base, report)] : []),
    bestEpoch(history),
    seconds.toFixed(1),
    String(rows[place].peakRssMb),
  ])
  return formatTable(head, lines)
}

function differenceTo(base: EvaluationReport, report: EvaluationReport): string {
  const { metrics: compared } = compareReports(report, base, { metrics: [selection] })
  const { difference, tests } = compared[selection]
  const [low, high] = tests?.interval ?? [difference, difference]
  return `${signed(difference)} [${signed(low)}, ${signed(high)}]`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`
}

/** Writes the best epoch; nothing for a model that has no epochs. */
function bestEpoch(history: TrainingHistory | undefined): string {
  const done = history?.epochs.length ?? 0
  return done === 0 ? '' : `${history?.bestEpoch ?? done} of ${done}`
}
