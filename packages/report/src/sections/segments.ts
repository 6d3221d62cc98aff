import type { Segment, SegmentKind } from '@gnnrec/eval'
import type { Block, Column, Figure, Section } from '../document/document.js'
import { capitalized, formatCount, formatValue, listed } from '../document/number-format.js'
import { metricName } from '../study/metric-name.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'
import { groupTitle } from './group-title.js'
import { legendOf } from './legend.js'

/** A property by which buckets are made. */
interface BucketKind {
  readonly kind: SegmentKind
  readonly title: string
  readonly axis: string
}

const kinds: readonly BucketKind[] = [
  { kind: 'user-activity', title: 'by activity of users', axis: 'training items of the user' },
  { kind: 'item-popularity', title: 'by popularity of items', axis: 'training users of the item' },
  { kind: 'user-warmth', title: 'for warm and cold users', axis: 'users in training or not' },
]

interface BucketedModel {
  readonly model: StudiedModel
  readonly segments: readonly Segment[]
}

/** Models with the same buckets. */
interface Bucketed {
  readonly kind: BucketKind
  readonly names: readonly string[]
  readonly models: readonly BucketedModel[]
}

/** Makes the section of metrics by bucket; undefined without segments. */
export function segmentsSection(study: Study): Section | undefined {
  const blocks = study.groups.flatMap(({ items }, place): Block[] => {
    const figures = figuresOf(study, items)
    return figures.length > 0 && study.groups.length > 1
      ? [{ kind: 'heading', text: groupTitle(study, place) }, ...figures]
      : figures
  })
  return blocks.length > 0 ? { id: 'segments', title: 'Who and what is served', blocks } : undefined
}

/** Makes one figure for all kinds of buckets that have the same models and the same metric. */
function figuresOf(study: Study, items: readonly StudiedModel[]): Figure[] {
  const figures = new Map<string, { metric: string; parts: Bucketed[] }>()
  for (const kind of kinds) {
    for (const part of bucketed(items, kind)) {
      const metric = metricOf(study, part)
      if (metric === undefined) continue
      const key = [metric, ...part.models.map(({ model }) => model.style)].join()
      const figure = figures.get(key) ?? { metric, parts: [] }
      figure.parts.push(part)
      figures.set(key, figure)
    }
  }
  return [...figures.values()].map(({ metric, parts }) => figureOf(metric, parts))
}

function bucketed(items: readonly StudiedModel[], kind: BucketKind): Bucketed[] {
  const found = new Map<string, { kind: BucketKind; names: string[]; models: BucketedModel[] }>()
  for (const model of items) {
    const segments = model.evaluation.segments[kind.kind]?.filter(({ users }) => users > 0)
    if (!segments || segments.length < 2) continue
    const names = segments.map(({ name }) => name)
    const same = found.get(names.join()) ?? { kind, names, models: [] }
    same.models.push({ model, segments })
    found.set(names.join(), same)
  }
  return [...found.values()]
}

/** Returns recall at the deciding cut-off if all models have it, else the deciding metric. */
function metricOf({ metric }: Study, { models }: Bucketed): string | undefined {
  const { k } = metricName(metric)
  const known = (name: string) =>
    models.every(({ segments }) => segments.some(({ metrics }) => Object.hasOwn(metrics, name)))
  return [`recall@${k}`, metric].find(known)
}

function figureOf(metric: string, parts: readonly Bucketed[]): Figure {
  const { models } = parts[0]
  return {
    kind: 'figure',
    title: `${metric} by bucket`,
    finding: parts.map((part) => findingOf(metric, part)).join(' '),
    legend: legendOf(models.map(({ model }) => model)),
    panels: parts.map((part) => ({
      title: capitalized(part.kind.title),
      alternative: findingOf(metric, part),
      chart: {
        kind: 'lines',
        xTitle: part.kind.axis,
        xNames: part.names,
        fromZero: true,
        series: part.models.map(({ model, segments }) => ({
          style: model.style,
          points: segments.flatMap(({ metrics }, bucket): [number, number][] =>
            Object.hasOwn(metrics, metric) ? [[bucket, metrics[metric]]] : [],
          ),
        })),
      },
    })),
    table: {
      columns: [
        { title: 'bucket', align: 'left' },
        { title: 'users', align: 'right' },
        ...models.map(({ model }): Column => ({ title: model.name, align: 'right' })),
      ],
      rows: parts.flatMap((part) =>
        part.names.map((name, bucket) => [
          `${part.kind.axis}: ${name}`,
          formatCount(part.models[0].segments[bucket].users),
          ...part.models.map(({ segments }) => {
            const { metrics } = segments[bucket]
            return Object.hasOwn(metrics, metric) ? formatValue(metrics[metric]) : ''
          }),
        ]),
      ),
    },
  }
}

/** Writes a range so that it stays on one line. */
function unbroken(name: string): string {
  return name.replaceAll('-', '\u2011')
}

function findingOf(metric: string, { kind, names, models }: Bucketed): string {
  const byLeader = new Map<string, string[]>()
  names.forEach((name, bucket) => {
    const judged = models.filter(({ segments }) => Object.hasOwn(segments[bucket].metrics, metric))
    if (judged.length === 0) return
    const value = ({ segments }: BucketedModel) => segments[bucket].metrics[metric]
    const leader = judged.reduce((a, b) => (value(b) > value(a) ? b : a)).model.name
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), name])
  })
  const parts = [...byLeader].map(([leader, buckets]) =>
    buckets.length === names.length
      ? `${leader} in all buckets`
      : `${leader} at ${listed(buckets.map(unbroken))}`,
  )
  return `${capitalized(kind.title)}, the highest ${metric} is that of ${parts.join('; ')}.`
}
