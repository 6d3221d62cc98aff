import type { Block, Section, UserList } from '../document/document.js'
import {
  capitalized,
  formatBytes,
  formatCount,
  formatInterval,
  formatMilliseconds,
  formatSeconds,
  formatShare,
  formatValue,
} from '../document/number-format.js'
import type { ReportData } from '../report-data.js'
import { meanInterval } from '../study/mean-interval.js'
import { hasValue } from '../study/metric-value.js'
import { pairedDifference } from '../study/ranking.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'
import { trainSeconds } from './train-seconds.js'

/** Makes the summary for readers who decide about the model; undefined without facts beside the evaluations. */
export function glanceSection(study: Study): Section | undefined {
  const { options } = study
  const { data, similarItems = [], modelFolder } = options
  const chosen = chosenModel(study)
  const facts = [...dataFacts(data), ...modelFacts(chosen)]
  const isAsked = options.chosen !== undefined || options.baseline !== undefined
  if (facts.length === 0 && similarItems.length === 0 && modelFolder === undefined && !isAsked) {
    return undefined
  }
  const blocks: Block[] = []
  if (chosen) blocks.push({ kind: 'paragraph', lead: true, text: verdict(study, chosen) })
  if (facts.length > 0) {
    const columns = ['what', 'value'].map((title) => ({ title, align: 'left' as const }))
    blocks.push({
      kind: 'table',
      caption: data ? 'The data and the chosen model.' : 'The chosen model.',
      table: { columns, rows: facts },
    })
  }
  if (similarItems.length > 0) blocks.push(...similarBlocks(similarItems, chosen))
  if (modelFolder !== undefined) blocks.push(...loadingBlocks(study, modelFolder))
  return { id: 'glance', title: 'At a glance', blocks }
}

/** Returns the model that the options name, else the best one if all were judged in the same way. */
function chosenModel({ options, models, groups, metric }: Study): StudiedModel | undefined {
  if (options.chosen !== undefined) return models.find(({ name }) => name === options.chosen)
  if (groups.length > 1) return undefined
  return groups[0].ranking?.best ?? models.find((model) => hasValue(model, metric)) ?? models[0]
}

/** Says what was chosen and what it beats by how much. */
function verdict(study: Study, chosen: StudiedModel): string {
  const { metric, options } = study
  if (!hasValue(chosen, metric)) return `${chosen.name} was chosen. Its ${metric} is undefined.`
  const value = chosen.evaluation.metrics[metric]
  const level = formatShare(options.confidence)
  const other = baselineOf(study, chosen)
  if (other === undefined) {
    const interval = meanInterval(chosen.evaluation, metric, options.confidence)
    const bounds = interval ? ` (${level} interval ${formatInterval(interval)})` : ''
    return `${chosen.name} was chosen. Its ${metric} is ${formatValue(value)}${bounds}; it was compared with nothing.`
  }
  const { difference, tests } = pairedDifference(chosen, other, metric, options.confidence)
  const base = other.evaluation.metrics[metric]
  const share = base > 0 ? ` (${formatShare(Math.abs(difference) / base)})` : ''
  const size =
    difference === 0
      ? `the same as ${other.name}`
      : `${formatValue(Math.abs(difference))}${share} ${difference > 0 ? 'more' : 'less'} than ${other.name}`
  const bounds = tests
    ? ` (${level} interval of the difference ${formatInterval(tests.interval)})`
    : ''
  const [low, high] = tests?.interval ?? [1, 1]
  const doubt = low <= 0 && high >= 0 ? ', so which is better is open' : ''
  return `${chosen.name} was chosen: its ${metric} is ${formatValue(value)}, ${size}${bounds}${doubt}.`
}

/** Returns the model to compare with: the named one, Popularity, or the best of the others. */
function baselineOf(study: Study, chosen: StudiedModel): StudiedModel | undefined {
  const { options, groups, metric } = study
  const group = groups.find(({ items }) => items.includes(chosen))?.items ?? []
  const others = group.filter((model) => model !== chosen && hasValue(model, metric))
  if (options.baseline !== undefined) return others.find(({ name }) => name === options.baseline)
  const value = ({ evaluation }: StudiedModel): number => evaluation.metrics[metric]
  return (
    others.find(({ name }) => /popularity/i.test(name)) ??
    [...others].sort((left, right) => value(right) - value(left))[0]
  )
}

function dataFacts(data: ReportData | undefined): string[][] {
  if (data === undefined) return []
  const { interactions, users, items, pairs = interactions, from, to, newItems, newUsers } = data
  const facts = [
    ['interactions', formatCount(interactions)],
    ['users', formatCount(users)],
    ['items', formatCount(items)],
  ]
  if (users > 0 && items > 0) {
    facts.push([
      'density',
      `${formatShare(pairs / (users * items))} of all pairs of a user and an item`,
    ])
  }
  if (from !== undefined && to !== undefined) facts.push(['dates', `${from} to ${to}`])
  const drift = [
    ...(newItems === undefined ? [] : [`${formatShare(newItems)} with items that were new then`]),
    ...(newUsers === undefined ? [] : [`${formatShare(newUsers)} by users who were new then`]),
  ]
  if (drift.length > 0) facts.push(['drift', `of the latest tenth, ${drift.join(', ')}`])
  return facts
}

function modelFacts(model: StudiedModel | undefined): string[][] {
  if (model === undefined) return []
  const { name, settings = {}, modelBytes, latencyMilliseconds, peakMegabytes } = model
  const seconds = trainSeconds(model)
  const facts: string[][] = []
  const written = Object.entries(settings).map(([key, value]) => `${key} ${value}`)
  if (written.length > 0) facts.push(['settings', written.join(', ')])
  if (modelBytes !== undefined) facts.push(['size of the model', formatBytes(modelBytes)])
  if (latencyMilliseconds !== undefined) {
    facts.push(['time for one list', formatMilliseconds(latencyMilliseconds)])
  }
  if (facts.length === 0) return []
  if (seconds !== undefined) facts.push(['training', formatSeconds(seconds)])
  if (peakMegabytes !== undefined) {
    facts.push(['peak of memory', `${formatCount(Math.round(peakMegabytes))} MB`])
  }
  return [['chosen model', name], ...facts]
}

type SimilarItems = NonNullable<Study['options']['similarItems']>

function similarBlocks(similarItems: SimilarItems, chosen: StudiedModel | undefined): Block[] {
  const lists = similarItems.map(
    ({ item, similar }): UserList => ({
      title: capitalized(item.title ?? String(item.id)),
      entries: similar.map(({ id, title }) => ({ text: title ?? String(id), hit: false })),
    }),
  )
  const heading = `Similar items${chosen ? ` by ${chosen.name}` : ''}`
  return [{ kind: 'lists', heading, lists }]
}

/** Shows how to load the model, with an id of the users whose lists are shown. */
function loadingBlocks({ options }: Study, folder: string): Block[] {
  const [user] = options.users ?? []
  const id = user === undefined ? "'id of a user'" : JSON.stringify(user.id)
  return [
    { kind: 'heading', text: 'Use the model' },
    {
      kind: 'code',
      text: [
        "import { Recommender } from '@gnnrec/serving'",
        '',
        `const recommender = await Recommender.load(${JSON.stringify(folder)})`,
        `console.log(recommender.recommend(${id}, { k: 10 }))`,
      ].join('\n'),
    },
  ]
}
