import { join } from 'node:path'
import type { ExperimentRun } from '@gnnrec/experiments'
import { printableText } from '@gnnrec/graph'
import { readLog } from './read-history.js'

/**
 * Lists what guards found in the trainings that were judged, one line for each finding of a model, with the seeds
 * that have it.
 */
export async function findingsOf({ results, folder }: ExperimentRun): Promise<string[]> {
  const found = new Map<string, { readonly text: string; readonly seeds: readonly number[] }>()
  for (const { phase, trial, dataset, model, setting, seed } of results) {
    if (phase !== 'test') continue
    const name = [dataset, model, setting].filter(Boolean).join(', ')
    for (const line of await readLog(join(folder, 'trials', trial, 'training.jsonl'))) {
      if (line.type !== 'finding') continue
      const key = `${name} ${line.code}`
      const text = `${name}, \`${line.code}\` after epoch ${line.epoch}: ${line.message}`
      const seeds = found.get(key)?.seeds ?? []
      found.set(key, { text: found.get(key)?.text ?? text, seeds: [...new Set([...seeds, seed])] })
    }
  }
  return [...found.values()].map(({ text, seeds }) => {
    const others = seeds.length > 1 ? ` (seeds ${seeds.join(', ')})` : ''
    return `- ${printableText(text)}${others}`
  })
}
