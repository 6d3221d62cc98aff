import { parseMetric } from '@gnnrec/eval'
import { isFor, labelOf } from '../definition/check-definition.js'
import type { CheckedDataset, CheckedDefinition } from '../definition/definition-schema.js'
import type { DefinitionProblem } from '../errors.js'
import { isBaseline } from '../models/create-model.js'
import { isValidationMetric, selectionFor } from '../plan/configurations.js'
import type { DatasetFacts } from './dataset-facts.js'

/**
 * Finds parts and metrics of a definition that do not fit a data set.
 *
 * @param needsTest - true when trials are judged on the test part
 */
export function checkDataset(
  definition: CheckedDefinition,
  place: number,
  facts: DatasetFacts,
  needsTest: boolean,
): DefinitionProblem[] {
  const { protocol, datasets } = definition
  const dataset = datasets[place]
  const problems: DefinitionProblem[] = []
  const report = (path: DefinitionProblem['path'], message: string) =>
    problems.push({ path, message: `${path.join('.')}: ${message}` })
  const label = labelOf(dataset)
  const splitPath = dataset.split ? ['datasets', place, 'split'] : ['protocol', 'split']
  const enlarge = 'choose other ratios, another filter or other data'
  if (facts.rows.train === 0) {
    report(
      splitPath,
      `the training part of ${label} is empty, so nothing can be learnt; ${enlarge}.`,
    )
  }
  if (needsTest && facts.rows.test === 0) {
    report(splitPath, `the test part of ${label} is empty, so nothing can be judged; ${enlarge}.`)
  }
  const selection = selectionFor(definition, dataset)
  // Without a test part, the validation part decides among all models.
  const isChosen = !needsTest || isSelectedOn(definition, dataset)
  if (isValidationMetric(selection) && isChosen) {
    if (facts.rows.validation === 0) {
      report(
        splitPath,
        `the validation part of ${label} is empty, but ${selection} decides on it; ${enlarge}, or select by 'loss' or 'last-epoch'.`,
      )
    }
    if (facts.validatesOnTest) {
      report(
        splitPath,
        `the validation part of ${label} is its test part, on which nothing may be chosen; give it a validation part of its own.`,
      )
    }
  }
  const checkCutoff = (metric: string, path: DefinitionProblem['path']) => {
    const { k } = parseMetric(metric)
    if (k === undefined || k <= facts.items) return
    report(
      path,
      `'${metric}' asks for lists of ${k} items, but ${label} has ${facts.items}; expected a cut-off in 1..${facts.items}.`,
    )
  }
  for (const [index, metric] of protocol.metrics.entries()) {
    checkCutoff(metric, ['protocol', 'metrics', index])
  }
  if (isValidationMetric(selection)) {
    const isOwn = dataset.selection !== undefined
    checkCutoff(selection, isOwn ? ['datasets', place, 'selection'] : ['protocol', 'selection'])
  }
  return problems
}

/** Returns true when a model is trained or searched on a data set, so that something is chosen there. */
function isSelectedOn({ models }: CheckedDefinition, dataset: CheckedDataset): boolean {
  return models.some(
    (entry) => isFor(entry, dataset) && (entry.search || !isBaseline(entry.model, entry.module)),
  )
}
