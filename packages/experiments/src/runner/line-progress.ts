import type { TrialNames, TrialResult } from '../results/trial-result.js'
import type { RunnerEvent } from './runner-events.js'

/** Describes an event in a line; returns undefined for epochs. */
export function progressLine(event: RunnerEvent): string | undefined {
  switch (event.type) {
    case 'start':
      return `start  ${nameOf(event.trial)}`
    case 'result':
      return `${event.result.status === 'completed' ? 'done  ' : 'FAILED'} ${summaryOf(event.result)}`
    case 'skip':
      return `there  ${summaryOf(event.result)}`
    case 'stopped':
      return `stop   ${nameOf(event.trial)}`
    case 'search-round': {
      const { dataset, model, candidates, untilEpoch } = event
      const until = untilEpoch === undefined ? '' : `, until epoch ${untilEpoch}`
      return `search ${dataset} · ${model}: ${candidates} settings${until}`
    }
    case 'chosen': {
      const { dataset, model, setting, value, tried } = event
      return `chosen ${dataset} · ${model}: ${setting} (${value.toFixed(4)} on validation, of ${tried} settings)`
    }
    case 'epoch':
      return undefined
  }
}

function nameOf({ dataset, model, setting, seed, phase }: TrialNames): string {
  const parts = [dataset, model, ...(setting ? [setting] : []), `seed ${seed}`]
  return `${phase === 'search' ? '(search) ' : ''}${parts.join(' · ')}`
}

function summaryOf(result: TrialResult): string {
  const seconds = Number.isFinite(result.seconds) ? `${result.seconds.toFixed(1)} s` : '— s'
  if (result.status === 'failed') {
    const { kind, message } = result.failure
    return `${nameOf(result)}: ${kind}: ${message} (${seconds})`
  }
  const { test, validation, undefinedMetrics = {}, bestEpoch, epochs, peakRssMb } = result
  const [first] = Object.entries(test ?? validation ?? {})
  const parts = [
    ...(first ? [`${first[0]} ${first[1].toFixed(4)}`] : []),
    ...Object.keys(undefinedMetrics).map((name) => `${name} undefined`),
    ...(bestEpoch === undefined ? [] : [`epoch ${bestEpoch} of ${epochs}`]),
    seconds,
    ...(peakRssMb === undefined ? [] : [`${peakRssMb} MB`]),
  ]
  return `${nameOf(result)}: ${parts.join(', ')}`
}
