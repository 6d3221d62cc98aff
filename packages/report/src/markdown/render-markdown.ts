import type { Block, ReportDocument, Section, Table } from '../document/document.js'
import { escapeMarkdown } from './escape-markdown.js'

/** Writes the report as Markdown, with the tables of the figures in place of their plots. */
export function renderMarkdown({ title, description, warnings, sections }: ReportDocument): string {
  const numbers = { figure: 0, table: 0 }
  const lines = [`# ${escapeMarkdown(title)}`]
  if (description) lines.push(escapeMarkdown(description))
  if (warnings.length > 0) {
    lines.push('**Read this first**')
    lines.push(
      warnings
        .map(({ about, text }) => `- **${escapeMarkdown(about)}**: ${escapeMarkdown(text)}`)
        .join('\n'),
    )
  }
  const parts = sections.map((section, place) => renderSection(section, place + 1, numbers))
  return `${[...lines, ...parts].join('\n\n')}\n`
}

type Numbers = Record<'figure' | 'table', number>

function renderSection({ title, blocks }: Section, number: number, numbers: Numbers): string {
  const parts = blocks.map((block) => renderBlock(block, numbers))
  return [`## ${number}. ${escapeMarkdown(title)}`, ...parts].join('\n\n')
}

function renderBlock(block: Block, numbers: Numbers): string {
  switch (block.kind) {
    case 'heading':
      return `### ${escapeMarkdown(block.text)}`
    case 'paragraph':
      return escapeMarkdown(block.text)
    case 'table':
      numbers.table++
      return `**Table ${numbers.table}.** ${escapeMarkdown(block.caption)}\n\n${renderTable(block.table)}`
    case 'figure': {
      numbers.figure++
      const notes = block.panels.flatMap(({ title, note }) =>
        note ? [`- ${escapeMarkdown(`${title}: ${note}`)}`] : [],
      )
      const caption = `**Figure ${numbers.figure}. ${escapeMarkdown(block.title)}.** ${escapeMarkdown(block.finding)}`
      return [
        caption,
        ...(notes.length > 0 ? [notes.join('\n')] : []),
        renderTable(block.table),
      ].join('\n\n')
    }
    case 'code':
      return renderCode(block.text)
    case 'lists': {
      const longest = Math.max(...block.lists.map(({ entries }) => entries.length))
      const columns = block.lists.map(({ title }) => ({ title, align: 'left' as const }))
      const rows = Array.from({ length: longest }, (_, place) => [
        String(place + 1),
        ...block.lists.map(({ entries }) => {
          const entry = entries[place]
          return entry ? `${entry.text}${entry.hit ? ' ★' : ''}` : ''
        }),
      ])
      const table = { columns: [{ title: 'place', align: 'right' as const }, ...columns], rows }
      return `### ${escapeMarkdown(block.heading)}\n\n${renderTable(table)}`
    }
  }
}

/** Writes code between more backticks than it has in a row. */
function renderCode(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}js\n${text}\n${fence}`
}

function renderTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`
  const rule = columns.map(({ align }) => (align === 'right' ? '---:' : '---'))
  return [
    line(columns.map(({ title }) => title)),
    `| ${rule.join(' | ')} |`,
    ...rows.map(line),
  ].join('\n')
}
