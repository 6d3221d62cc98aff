import { readFileSync } from 'node:fs'
import { metrics } from '../../src/index.js'

const folder = new URL('../../src/metrics/', import.meta.url)

/**
 * Writes the table of all built-in metrics in Markdown. A metric's definition is the first paragraph of
 * its doc comment.
 */
export function metricTable(): string {
  const registry = readFileSync(new URL('built-in-metrics.ts', folder), 'utf8')
  const exports = [...registry.matchAll(/export \{ (.*) \} from '\.\/(.*)\.js'/g)]
  const rows = exports.flatMap(([, names, file]) => {
    const source = readFileSync(new URL(`${file}.ts`, folder), 'utf8')
    const members = names.split(', ').filter((name) => !name.startsWith('type '))
    return members.map((member) => row(member as keyof typeof metrics, source))
  })
  if (rows.length !== Object.keys(metrics).length) {
    throw new Error('built-in-metrics.ts exports a metric that the table does not find.')
  }
  return ['| name | member | definition |', '| --- | --- | --- |', ...rows].join('\n')
}

function row(member: keyof typeof metrics, source: string): string {
  const metric = metrics[member]
  const name = metric.hasCutoff === false ? metric.name : `${metric.name}@K`
  return `| \`${name}\` | \`${member}\` | ${definition(member, source).replaceAll('|', '\\|')} |`
}

function definition(member: string, source: string): string {
  const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\nexport const ${member}\\b`).exec(
    source,
  )?.[1]
  const text = comment?.replaceAll(/^ *\* ?/gm, '').trim()
  if (!text) throw new Error(`${member} has no doc comment.`)
  return text.split('\n\n')[0].replaceAll('\n', ' ')
}
