import type { GraphModel } from '@gnnrec/models'
import type { ProgressReporter } from '../progress/progress-reporter.js'

/** Methods of a {@link ProgressReporter}, of which one makes an object one. */
export const reporterMethods = [
  'start',
  'step',
  'epoch',
  'checkpoint',
  'finding',
  'warning',
  'end',
] as const

export function isModel(value: unknown): boolean {
  const model = value as Partial<GraphModel> | null | undefined
  return [model?.parameters, model?.lossTerms, model?.prepare, model?.toRecommender].every(
    isFunction,
  )
}

export function isScheduleLike(value: unknown): boolean {
  return isFunction(value) || (typeof value === 'object' && value !== null)
}

export function isProgressReporter(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const methods = reporterMethods
    .map((name) => (value as ProgressReporter)[name])
    .filter((method) => method !== undefined)
  return methods.length > 0 && methods.every(isFunction)
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
