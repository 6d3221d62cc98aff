import { renderChart } from '../charts/render-chart.js'
import { seriesStyle } from '../charts/series-style.js'
import type { Block, Figure, LegendEntry, ListsBlock, Panel, Table } from '../document/document.js'
import { escapeHtml } from './escape-html.js'

/** A counter of figures and tables. */
export class Numbering {
  #figures = 0
  #tables = 0

  nextFigure(): number {
    return ++this.#figures
  }

  nextTable(): number {
    return ++this.#tables
  }
}

/** Writes one block as HTML. */
export async function renderBlock(block: Block, numbering: Numbering): Promise<string> {
  switch (block.kind) {
    case 'heading':
      return `<h3>${escapeHtml(block.text)}</h3>`
    case 'paragraph':
      return `<p${block.lead ? ' class="lead"' : ''}>${escapeHtml(block.text)}</p>`
    case 'table': {
      const number = numbering.nextTable()
      const caption = `<p class="caption"><strong>Table ${number}.</strong> ${escapeHtml(block.caption)}</p>`
      return `${caption}${scrolling(`Table ${number}`, block.table)}`
    }
    case 'figure':
      return renderFigure(block, numbering.nextFigure())
    case 'lists':
      return renderLists(block)
    case 'code':
      return `<pre tabindex="0" role="region" aria-label="Code"><code>${block.text.split('\n').map(escapeHtml).join('\n')}</code></pre>`
  }
}

async function renderFigure(figure: Figure, number: number): Promise<string> {
  const panels = await Promise.all(figure.panels.map(renderPanel))
  const legend =
    figure.legend.length > 0
      ? `<ul class="legend">${figure.legend.map(legendEntry).join('')}</ul>`
      : ''
  return [
    `<figure id="figure-${number}"${figure.panels.length === 1 ? ' class="single"' : ''}>`,
    '<div class="words">',
    `<figcaption><strong>Figure ${number}. ${escapeHtml(figure.title)}.</strong> ${escapeHtml(figure.finding)}</figcaption>`,
    `${legend}</div>`,
    `<div class="panels">${panels.join('')}</div>`,
    `<details><summary>Values of figure ${number}</summary>${scrolling(`Values of figure ${number}`, figure.table)}</details>`,
    '</figure>',
  ].join('\n')
}

async function renderPanel({ title, note, alternative, chart }: Panel): Promise<string> {
  const { width, height, content } = await renderChart(chart)
  const label = escapeHtml(`${title}. ${alternative}`)
  return `<div class="panel"><p class="panel-title" aria-hidden="true">${escapeHtml(title)}</p>${note ? `<p class="note">${escapeHtml(note)}</p>` : ''}<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${content}</svg></div>`
}

function legendEntry({ name, style }: LegendEntry): string {
  const { colour, dash, shape } = seriesStyle(style)
  const line = `<line x1="1" x2="29" y1="7" y2="7" stroke="${colour}" stroke-width="1.75" stroke-dasharray="${dash.join(' ') || 'none'}"/>`
  const mark =
    style === undefined
      ? ''
      : `<path d="${shape}" transform="translate(15,7) scale(4.2)" fill="${colour}"/>`
  return `<li><svg width="30" height="14" viewBox="0 0 30 14" aria-hidden="true">${line}${mark}</svg><span>${escapeHtml(name)}</span></li>`
}

/** Writes a table in a region that keys can scroll. */
function scrolling(label: string, { columns, rows }: Table): string {
  const isProse = columns.every(({ align }) => align === 'left')
  const align = (place: number) => (columns[place].align === 'right' ? ' class="number-cell"' : '')
  const head = columns
    .map(({ title }, place) => `<th scope="col"${align(place)}>${escapeHtml(title)}</th>`)
    .join('')
  const body = rows.map((row) => {
    const [first, ...rest] = row.map((cell) => escapeHtml(cell))
    const cells = rest.map((cell, place) => `<td${align(place + 1)}>${cell}</td>`)
    return `<tr><th scope="row"${align(0)}>${first}</th>${cells.join('')}</tr>`
  })
  return `<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table${isProse ? ' class="prose"' : ''}><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

function renderLists({ heading, lists }: ListsBlock): string {
  const columns = lists.map(({ title, entries }) => {
    const items = entries.map(({ text, hit }) =>
      hit
        ? `<li class="hit">${escapeHtml(text)} <span class="star" aria-hidden="true">★</span><span class="hidden"> (consumed later)</span></li>`
        : `<li>${escapeHtml(text)}</li>`,
    )
    return `<section><h4>${escapeHtml(title)}</h4><ol>${items.join('')}</ol></section>`
  })
  return `<h3>${escapeHtml(heading)}</h3><div class="lists">${columns.join('\n')}</div>`
}
