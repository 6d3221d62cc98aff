import { InvalidOptionsError } from '@gnnrec/graph'
import { protocolDifferences } from '../comparison/protocol-differences.js'
import { ProtocolMismatchError } from '../comparison/protocol-mismatch-error.js'
import type { EvaluationReport } from '../evaluation-report.js'
import { pairedTTest } from '../statistics/paired-t-test.js'
import type { DepthAdvice, DepthProfile } from './depth-profile.js'
import type { Smoothing } from './measure-smoothing.js'

/** Share of the rows that all nodes have in common from which rows count as smoothed. */
const smoothedFrom = 0.5
/** Share of the rows that all nodes have in common from which rows count as collapsed. */
const collapsedFrom = 0.9

/** Measurements of all depths. */
interface DepthEvidence {
  /** Measures of each layer, layer 0 first. */
  readonly smoothing: readonly Smoothing[]
  /** Reports on the validation part by depth; empty without validation. */
  readonly reports: ReadonlyMap<number, EvaluationReport>
  readonly metric: string
  /** True if the reports are of models that were trained with each depth. */
  readonly retrained: boolean
}

/** Chooses a depth and gives the reasons. */
export function chooseDepth(evidence: DepthEvidence): DepthAdvice {
  const { smoothing, reports, metric } = evidence
  const values = new Map([...reports].map(([depth, report]) => [depth, metricOf(report, metric)]))
  const depths = [...new Set([...smoothing.keys(), ...values.keys()])].sort((a, b) => a - b)
  const profiles = depths.map((depth) => ({
    depth,
    smoothing: smoothing[depth],
    state: smoothing[depth] && stateOf(smoothing[depth]),
    validation: values.get(depth),
  }))
  const chosen = reports.size > 0 ? byValidation(evidence, profiles) : bySmoothing(profiles)
  const collapse = profiles.find(({ state }) => state === 'collapsed')
  const warning =
    collapse && collapse.depth <= chosen.depth
      ? [
          `Yet the rows after layer ${collapse.depth} have collapsed (${describe(collapse)}): only the layers before it tell nodes apart.`,
        ]
      : []
  return { ...chosen, reasons: [...chosen.reasons, ...warning], profiles }
}

/** Returns the share of the rows that all nodes have in common, 0..1. */
function commonness({ meanCosine = 0, smoothShare = 0, oscillatingShare = 0 }: Smoothing): number {
  return Math.max(meanCosine, smoothShare + oscillatingShare)
}

function stateOf(smoothing: Smoothing): DepthProfile['state'] {
  const common = commonness(smoothing)
  return common >= collapsedFrom ? 'collapsed' : common >= smoothedFrom ? 'smoothed' : 'distinct'
}

function describe({ smoothing }: DepthProfile): string {
  const { meanCosine = 0, smoothShare = 0, oscillatingShare = 0, effectiveRank = 0 } = smoothing!
  const common = smoothShare + oscillatingShare
  return `mean cosine ${meanCosine.toFixed(2)}, ${(100 * common).toFixed(0)} % in the smooth and the oscillating direction, effective rank ${effectiveRank.toFixed(1)}`
}

function bySmoothing(profiles: readonly DepthProfile[]): Pick<DepthAdvice, 'depth' | 'reasons'> {
  const collapsed = profiles.findIndex(({ state }) => state === 'collapsed')
  const last = profiles[collapsed === -1 ? profiles.length - 1 : Math.max(0, collapsed - 1)]
  const start =
    collapsed === -1
      ? `No layer has collapsed: after layer ${last.depth}, the last one, ${describe(last)}.`
      : `The rows collapse at layer ${profiles[collapsed].depth} (${describe(profiles[collapsed])}).`
  return {
    depth: last.depth,
    reasons: [
      start,
      'Without validation this is an upper bound, not the best depth; pass split or trials to evaluate depths.',
    ],
  }
}

function byValidation(
  { reports, metric, retrained }: DepthEvidence,
  profiles: readonly DepthProfile[],
): Pick<DepthAdvice, 'depth' | 'reasons'> {
  const judged = profiles.filter(({ validation }) => validation !== undefined)
  const best = judged.reduce((a, b) => (b.validation! > a.validation! ? b : a))
  const bestReport = reports.get(best.depth)!
  for (const report of reports.values()) {
    const differences = protocolDifferences(report, bestReport, [metric], [])
    if (differences.length > 0) throw new ProtocolMismatchError(differences)
  }
  const chosen = judged.find(
    ({ depth }) => depth === best.depth || !isWorse(reports.get(depth)!, bestReport, metric),
  )!
  const source = retrained
    ? 'models trained with each depth'
    : 'the layers of this one model, which was trained for its full depth; train one model per depth (trials) before you rely on it'
  const reasons = [
    `${metric} on validation is best at depth ${best.depth} (${best.validation!.toFixed(4)}), judged by ${source}.`,
  ]
  if (chosen.depth < best.depth) {
    reasons.push(
      `Depth ${chosen.depth} (${chosen.validation!.toFixed(4)}) is not significantly worse (paired over users, 95 %), and fewer layers are faster and less smooth.`,
    )
  }
  if (chosen.smoothing) reasons.push(`After layer ${chosen.depth}: ${describe(chosen)}.`)
  return { depth: chosen.depth, reasons }
}

/** Returns true if the best is better by a mean over users whose 95 % interval is above 0. */
function isWorse(report: EvaluationReport, best: EvaluationReport, metric: string): boolean {
  const test = pairedTTest(best.perUser[metric], report.perUser[metric])
  // Without a test, all users differ by the same amount, so no chance is involved.
  return test ? test.interval[0] > 0 : best.metrics[metric] > report.metrics[metric]
}

function metricOf(report: EvaluationReport, metric: string): number {
  const { perUser, metrics, undefinedMetrics } = report
  if (Object.hasOwn(perUser, metric)) return metrics[metric]
  if (Object.hasOwn(undefinedMetrics, metric)) {
    throw new InvalidOptionsError(
      `metric: got '${metric}', which is undefined: ${undefinedMetrics[metric]}; choose another one.`,
    )
  }
  throw new InvalidOptionsError(
    `metric: got '${metric}', which a report does not hold per user; expected one of ${Object.keys(report.perUser).join(', ') || 'those of an evaluation with perUser: true'}.`,
  )
}
