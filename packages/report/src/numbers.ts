import { csvField } from '@gnnrec/graph/files'
import { trainSeconds } from './sections/train-seconds.js'
import { meanInterval } from './study/mean-interval.js'
import { metricsOf } from './study/metric-value.js'
import type { StudiedModel } from './study/studied-model.js'
import type { Study } from './study/study.js'

/** The numbers of a report for other programs. */
export interface ReportNumbers {
  readonly json: string
  readonly csv: string
}

/** Returns the numbers of all models: in JSON with what is known of them, in CSV a row for each metric. */
export function numbersOf({ options, models, metric }: Study): ReportNumbers {
  const { title, data, confidence } = options
  const records = models.map((model) => ({
    name: model.name,
    metrics: metricsOf([model]).map((each) => metricRecord(model, each, confidence)),
    settings: model.settings,
    modelBytes: model.modelBytes,
    latencyMilliseconds: model.latencyMilliseconds,
    trainSeconds: trainSeconds(model),
    peakMegabytes: model.peakMegabytes,
    protocol: model.evaluation.protocol,
  }))
  const lines = records.flatMap(({ name, metrics }) =>
    metrics.map(({ metric: each, value, low, high }) =>
      [name, each, value, low, high].map((cell) => csvField(String(cell ?? ''))).join(','),
    ),
  )
  return {
    json: `${JSON.stringify({ title, metric, confidence, data, models: records }, undefined, 1)}\n`,
    csv: ['model,metric,value,low,high', ...lines, ''].join('\r\n'),
  }
}

/** The value of a metric with the interval of its mean over users. It is null for an undefined metric. */
interface MetricRecord {
  readonly metric: string
  readonly value: number | null
  readonly low?: number
  readonly high?: number
}

function metricRecord(
  { evaluation }: StudiedModel,
  metric: string,
  confidence: number,
): MetricRecord {
  if (!Object.hasOwn(evaluation.metrics, metric)) return { metric, value: null }
  const interval = meanInterval(evaluation, metric, confidence)
  return {
    metric,
    value: evaluation.metrics[metric],
    ...(interval && { low: interval[0], high: interval[1] }),
  }
}
