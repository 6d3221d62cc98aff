import type { DepthProfile } from '@gnnrec/eval'
import type { Section } from '../document/document.js'
import { capitalized, formatValue, listed } from '../document/number-format.js'
import type { StudiedModel } from '../study/studied-model.js'
import type { Study } from '../study/study.js'
import { legendOf } from './legend.js'

type LayeredModel = StudiedModel & { readonly depths: readonly DepthProfile[] }

interface Measure {
  readonly title: string
  readonly explanation: string
  readonly read: (profile: DepthProfile) => number | null | undefined
}

const measures: readonly Measure[] = [
  {
    title: 'mean cosine',
    explanation: 'the mean cosine of all pairs of rows, 1 when all point the same way',
    read: ({ smoothing }) => smoothing?.meanCosine,
  },
  {
    title: 'smooth + oscillating share',
    explanation: 'the share of the rows that endless propagation would leave',
    read: ({ smoothing }) => smoothing && sum(smoothing.smoothShare, smoothing.oscillatingShare),
  },
  {
    title: 'Dirichlet energy',
    explanation: 'how much rows differ along edges, 0 to 2',
    read: ({ smoothing }) => smoothing?.dirichletEnergy,
  },
  {
    title: 'effective rank',
    explanation: 'how many dimensions the rows really use',
    read: ({ smoothing }) => smoothing?.effectiveRank,
  },
  {
    title: 'validation',
    explanation: 'the validation metric when layers up to this one are read out',
    read: ({ validation }) => validation,
  },
]

/** Makes the section of over-smoothing by layer; undefined if nothing was measured. */
export function smoothingSection({ models }: Study): Section | undefined {
  const layered = models.filter((model): model is LayeredModel => (model.depths?.length ?? 0) > 0)
  const known = measures.filter(({ read }) =>
    layered.some(({ depths }) => depths.some((profile) => isNumber(read(profile)))),
  )
  if (known.length === 0) return undefined
  const states = stateTexts(layered)
  return {
    id: 'over-smoothing',
    title: 'Over-smoothing by layer',
    blocks: [
      {
        kind: 'figure',
        title: 'How alike rows are after each layer',
        finding: `${capitalized(states.join('; '))}. Layer 0 are the free embeddings.`,
        legend: legendOf(layered),
        panels: known.map(({ title, explanation, read }) => ({
          title: capitalized(title),
          note: explanation,
          alternative: layered.map((model) => courseText(model, read)).join(', '),
          chart: {
            kind: 'lines',
            xTitle: 'layer',
            series: layered.map(({ style, depths }) => ({
              style,
              points: depths.flatMap((profile): [number, number][] => {
                const value = read(profile)
                return isNumber(value) ? [[profile.depth, value]] : []
              }),
            })),
          },
        })),
        table: {
          columns: [
            { title: 'model', align: 'left' },
            { title: 'layer', align: 'right' },
            ...known.map(({ title }) => ({ title, align: 'right' as const })),
            { title: 'state', align: 'left' },
          ],
          rows: layered.flatMap(({ name, depths }) =>
            depths.map((profile) => [
              name,
              String(profile.depth),
              ...known.map(({ read }) => {
                const value = read(profile)
                return isNumber(value) ? formatValue(value) : ''
              }),
              profile.state ?? '',
            ]),
          ),
        },
      },
    ],
  }
}

/** Describes the states of rows, with models of one state together and the worst state first. */
function stateTexts(layered: readonly LayeredModel[]): string[] {
  const fates = { collapsed: [] as string[], smoothed: [] as string[], distinct: [] as string[] }
  for (const { name, depths } of layered) {
    const first = (state: DepthProfile['state']) =>
      depths.find((profile) => profile.state === state)?.depth
    const [collapsed, smoothed] = [first('collapsed'), first('smoothed')]
    if (collapsed !== undefined) fates.collapsed.push(`${name} (from layer ${collapsed})`)
    else if (smoothed !== undefined) fates.smoothed.push(`${name} (from layer ${smoothed})`)
    else fates.distinct.push(name)
  }
  return Object.entries(fates).flatMap(([state, names]) =>
    names.length > 0 ? [`rows are ${state} in ${listed(names)}`] : [],
  )
}

function courseText({ name, depths }: LayeredModel, read: Measure['read']): string {
  const values = depths.map(read).filter(isNumber)
  if (values.length === 0) return `${name} unknown`
  return `${name} from ${formatValue(values[0])} to ${formatValue(values[values.length - 1])}`
}

/** Returns true for a finite number. An undefined value that was written as JSON is null. */
function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function sum(a: number | null | undefined, b: number | null | undefined): number | undefined {
  return isNumber(a) && isNumber(b) ? a + b : undefined
}
