import { relative } from 'node:path'
import { formatTable } from '@gnnrec/example-support'
import type { readPredecessorFiles } from '@gnnrec/experiments'
import { printableText } from '@gnnrec/graph'

type PredecessorExperiment = Awaited<ReturnType<typeof readPredecessorFiles>>

/** Makes tables of what each key of the predecessor's files became, and of the keys that have no effect. */
export function predecessorKeys(
  { translated, ignored }: Pick<PredecessorExperiment, 'translated' | 'ignored'>,
  folder: string,
): string {
  const place = (file: string, line: number) => `${relative(folder, file)}:${line}`
  const shown = (value: unknown) => printableText(JSON.stringify(value))
  const became = translated.map(({ file, line, key, value, place: setting, setting: given }) => [
    place(file, line),
    `${printableText(key)}: ${shown(value)}`,
    given === undefined ? `no ${setting}` : `${setting}: ${shown(given)}`,
  ])
  const without = ignored.map(({ file, line, key, reason }) => [
    place(file, line),
    printableText(key),
    reason,
  ])
  const left = ['left', 'left', 'left'] as const
  return [
    'Keys and what they became:',
    formatTable(['file', 'key', 'setting'], became, left),
    ...(without.length > 0
      ? ['Keys without effect:', formatTable(['file', 'key', 'reason'], without, left)]
      : []),
  ].join('\n')
}
