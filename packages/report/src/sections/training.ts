import type { Figure, Section, Table } from '../document/document.js'
import { formatValue, listed } from '../document/number-format.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'
import { legendOf } from './legend.js'

type TrainedModel = StudiedModel & { readonly history: NonNullable<StudiedModel['history']> }

/** Makes the section of training; undefined if no model was trained. */
export function trainingSection({ models }: Study): Section | undefined {
  const trained = models.filter(
    (model): model is TrainedModel => (model.history?.epochs.length ?? 0) > 0,
  )
  if (trained.length === 0) return undefined
  const blocks = [courseFigure(trained), lossFigure(trained)]
  return { id: 'training', title: 'Training', blocks }
}

/** Makes the figure of validation metrics and the learning rate. */
function courseFigure(trained: readonly TrainedModel[]): Figure {
  const metrics = monitored(trained)
  const panels = metrics.slice(0, 2).map((metric) => {
    const judged = trained.filter(({ history }) => valuesOf(history, metric).length > 0)
    return {
      title: `${metric} on the validation part`,
      alternative: bestText(judged, metric),
      chart: {
        kind: 'lines' as const,
        xTitle: 'epoch',
        series: judged.map(({ style, history }) => ({
          style,
          points: valuesOf(history, metric),
          highlight: bestOf(history, metric),
        })),
      },
    }
  })
  const kept = metrics.length > 0 ? 'The larger mark is the epoch whose weights are kept. ' : ''
  const best = metrics.length > 0 ? `${bestText(trained, metrics[0])} ` : ''
  return {
    kind: 'figure',
    title: 'Course of the training',
    finding: `${best}${kept}${stopText(trained)} ${rateText(trained)}`,
    legend: legendOf(trained),
    panels: [
      ...panels,
      {
        title: 'Learning rate',
        alternative: rateText(trained),
        chart: {
          kind: 'lines',
          xTitle: 'epoch',
          fromZero: true,
          series: trained.map(({ style, history }) => ({
            style,
            points: history.epochs.map(({ epoch, learningRate }) => [epoch, learningRate] as const),
          })),
        },
      },
    ],
    table: epochTable(trained, [
      ...metrics.map((metric) => ({
        title: metric,
        text: ({ validation }: EpochRecord) =>
          validation && Object.hasOwn(validation, metric) ? formatValue(validation[metric]) : '',
      })),
      { title: 'learning rate', text: ({ learningRate }) => rate(learningRate) },
    ]),
  }
}

/** Makes the figure of losses, with a panel for each model since their losses cannot be compared. */
function lossFigure(trained: readonly TrainedModel[]): Figure {
  return {
    kind: 'figure',
    title: 'Loss',
    finding:
      'Mean over the samples of an epoch of what training minimizes. Losses of different models are different things, so each has a scale of its own.',
    legend: [],
    panels: trained.map(({ name, style, history }) => ({
      title: name,
      alternative: `Loss from ${formatValue(history.epochs[0].loss)} in the first epoch to ${formatValue(history.epochs.at(-1)!.loss)} in the last.`,
      chart: {
        kind: 'lines',
        xTitle: 'epoch',
        series: [
          { style, points: history.epochs.map(({ epoch, loss }) => [epoch, loss] as const) },
        ],
      },
    })),
    table: epochTable(trained, [{ title: 'loss', text: ({ loss }) => formatValue(loss) }]),
  }
}

type EpochRecord = TrainedModel['history']['epochs'][number]

/** Makes a table with a row for each epoch and columns for each model. */
function epochTable(
  trained: readonly TrainedModel[],
  columns: readonly { title: string; text: (record: EpochRecord) => string }[],
): Table {
  return {
    columns: [
      { title: 'epoch', align: 'right' },
      ...trained.flatMap(({ name }) =>
        columns.map(({ title }) => ({ title: `${name}: ${title}`, align: 'right' as const })),
      ),
    ],
    rows: epochsOf(trained).map((epoch) => [
      String(epoch),
      ...trained.flatMap(({ history }) => {
        const record = history.epochs.find((each) => each.epoch === epoch)
        return columns.map(({ text }) => (record ? text(record) : ''))
      }),
    ]),
  }
}

function bestText(trained: readonly TrainedModel[], metric: string): string {
  const bests = trained.flatMap(({ name, history }) => {
    const best = bestOf(history, metric)
    return best ? [{ name, epoch: best[0], value: best[1], of: history.epochs.length }] : []
  })
  if (bests.length === 0) return `No epoch was chosen by ${metric}.`
  const top = bests.reduce((a, b) => (b.value > a.value ? b : a))
  return `The highest ${metric} on the validation part is that of ${top.name}: ${formatValue(top.value)} in epoch ${top.epoch} of ${top.of}.`
}

/** Describes learning rates, with models of the same rates together. */
function rateText(trained: readonly TrainedModel[]): string {
  const courses = new Map<string, string[]>()
  for (const { name, history } of trained) {
    const rates = history.epochs.map(({ learningRate }) => learningRate)
    const highest = rates.reduce((most, each) => Math.max(most, each), -Infinity)
    const last = rates[rates.length - 1]
    const course =
      new Set(rates).size === 1
        ? `${rate(last)} throughout`
        : `at most ${rate(highest)} and ${rate(last)} at the end`
    courses.set(course, [...(courses.get(course) ?? []), name])
  }
  const parts = [...courses].map(([course, names]) => `${course} for ${listed(names)}`)
  return `The learning rate is ${parts.join('; ')}.`
}

function rate(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function stopText(trained: readonly TrainedModel[]): string {
  const stopped = trained.filter(({ history }) => history.stopReason === 'early-stopping')
  if (stopped.length === 0) return 'All ran to their last epoch.'
  const names = stopped.map(({ name, history }) => `${name} (epoch ${history.epochs.length})`)
  return `Training stopped early for ${listed(names)}.`
}

/** Returns the metrics that were evaluated in training, the most common first. */
function monitored(trained: readonly TrainedModel[]): string[] {
  const counts = new Map<string, number>()
  for (const { history } of trained) {
    const names = new Set(history.epochs.flatMap(({ validation }) => Object.keys(validation ?? {})))
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name)
}

function valuesOf({ epochs }: TrainedModel['history'], metric: string) {
  return epochs.flatMap(({ epoch, validation }): [number, number][] =>
    validation && Object.hasOwn(validation, metric) ? [[epoch, validation[metric]]] : [],
  )
}

function bestOf(history: TrainedModel['history'], metric: string): [number, number] | undefined {
  return valuesOf(history, metric).find(([epoch]) => epoch === history.bestEpoch)
}

function epochsOf(trained: readonly TrainedModel[]): number[] {
  const epochs = new Set(trained.flatMap(({ history }) => history.epochs.map((each) => each.epoch)))
  return [...epochs].sort((a, b) => a - b)
}
