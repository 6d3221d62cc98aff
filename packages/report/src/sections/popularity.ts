import type { Column, Figure, LegendEntry, Section } from '../document/document.js'
import { formatCount, formatShare, listed } from '../document/number-format.js'
import type { ReportItems } from '../report-options.js'
import { type Distribution, distributionOf } from '../study/popularity-distribution.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'

const consumedName = 'consumed'

interface NamedDistribution extends LegendEntry {
  readonly distribution: Distribution
}

/**
 * Makes the section that compares the popularity of recommended and consumed items; undefined without
 * data.
 */
export function popularitySection(study: Study): Section | undefined {
  const { items } = study.options
  const blocks = [items && distributionFigure(items, study.models), shareFigure(study)].filter(
    (figure) => figure !== undefined,
  )
  return blocks.length > 0
    ? { id: 'popularity', title: 'Popularity of recommended and consumed items', blocks }
    : undefined
}

/** Makes the figure of the shares of recommended and consumed items up to each popularity. */
function distributionFigure(
  { popularity, consumed }: ReportItems,
  models: readonly StudiedModel[],
): Figure | undefined {
  const named = (name: string, style: number | undefined, counts: ArrayLike<number>) => {
    const distribution = distributionOf(popularity, counts)
    return distribution ? [{ name, style, distribution }] : []
  }
  const reference = named(consumedName, undefined, consumed)
  const recommended = models.flatMap(({ name, style, recommended: counts }) =>
    counts ? named(name, style, counts) : [],
  )
  if (reference.length === 0 || recommended.length === 0) return undefined
  const all: NamedDistribution[] = [...reference, ...recommended]
  const median = ({ distribution }: NamedDistribution) => distribution.quantile(0.5)
  const finding = `Half of what was consumed has at most ${formatCount(median(all[0]))} training users; half of what is recommended has at most ${byValue(recommended, (each) => formatCount(median(each)))}. A curve to the right of that of what was consumed favours popular items more than people do.`
  return {
    kind: 'figure',
    title: 'Cumulative share by popularity',
    finding,
    legend: all,
    panels: [
      {
        title: 'Share of items with at most so many training users',
        alternative: finding,
        chart: {
          kind: 'lines',
          xTitle: 'training users of the item',
          xScale: 'log',
          share: true,
          series: all.map(({ style, distribution }) => ({
            style,
            points: distribution.curve(),
            marks: style !== undefined,
          })),
        },
      },
    ],
    table: {
      columns: [
        { title: 'items', align: 'left' },
        ...['10 %', '25 %', '50 %', '75 %', '90 %'].map(
          (share): Column => ({ title: `${share} have at most`, align: 'right' }),
        ),
      ],
      rows: all.map(({ name, distribution }) => [
        name,
        ...[0.1, 0.25, 0.5, 0.75, 0.9].map((p) => formatCount(distribution.quantile(p))),
      ]),
    },
  }
}

/** Makes the figure of the shares of recommended and consumed items by bucket of `evaluate`. */
function shareFigure({ groups }: Study): Figure | undefined {
  const [{ items }] = groups
  const [first] = items.flatMap(({ evaluation }) => evaluation.segments['item-popularity'] ?? [])
  if (!first) return undefined
  const names = items
    .find(({ evaluation }) => evaluation.segments['item-popularity'])!
    .evaluation.segments['item-popularity']!.map(({ name }) => name)
  const same = items.flatMap((model) => {
    const segments = model.evaluation.segments['item-popularity']
    return segments?.map(({ name }) => name).join() === names.join() ? [{ model, segments }] : []
  })
  const consumed = same[0].segments.map(({ relevantShare }) => relevantShare ?? 0)
  const last = names.length - 1
  const shares = same.map(({ model, segments }) => ({
    name: model.name,
    share: formatShare(segments[last].recommendedShare ?? 0),
  }))
  const finding = `${formatShare(consumed[last])} of what was consumed is in the bucket of the most popular items; of what is recommended ${byValue(shares, ({ share }) => share)}.`
  return {
    kind: 'figure',
    title: 'Share of buckets of popularity',
    finding,
    legend: [
      { name: consumedName, style: undefined },
      ...same.map(({ model }) => ({ name: model.name, style: model.style })),
    ],
    panels: [
      {
        title: 'Share of recommended and consumed items',
        alternative: finding,
        chart: {
          kind: 'lines',
          xTitle: 'training users of the item',
          xNames: names,
          share: true,
          series: [
            {
              style: undefined,
              marks: false,
              points: consumed.map((share, i) => [i, share] as const),
            },
            ...same.map(({ model, segments }) => ({
              style: model.style,
              points: segments.map(
                ({ recommendedShare }, i) => [i, recommendedShare ?? 0] as const,
              ),
            })),
          ],
        },
      },
    ],
    table: {
      columns: [
        { title: 'training users', align: 'left' },
        { title: 'items', align: 'right' },
        { title: consumedName, align: 'right' },
        ...same.map(({ model }): Column => ({ title: model.name, align: 'right' })),
      ],
      rows: names.map((name, bucket) => [
        name,
        formatCount(same[0].segments[bucket].items ?? 0),
        formatShare(consumed[bucket]),
        ...same.map(({ segments }) => formatShare(segments[bucket].recommendedShare ?? 0)),
      ]),
    },
  }
}

/** Writes values with the names that have them, such as `273 by Popularity and DGR, 208 by BPR-MF`. */
function byValue<Item extends { readonly name: string }>(
  items: readonly Item[],
  textOf: (item: Item) => string,
): string {
  const names = new Map<string, string[]>()
  for (const item of items) {
    const value = textOf(item)
    names.set(value, [...(names.get(value) ?? []), item.name])
  }
  return [...names].map(([value, own]) => `${value} by ${listed(own)}`).join(', ')
}
