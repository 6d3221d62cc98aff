import type { ReportDocument, Section, Warning } from '../document/document.js'
import { escapeHtml } from './escape-html.js'
import { Numbering, renderBlock } from './render-block.js'
import { style } from './style.js'

/**
 * The Content Security Policy of the page: nothing is loaded and nothing runs, whatever its texts hold.
 */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/** Writes the whole page. */
export async function renderHtml(report: ReportDocument): Promise<string> {
  const { title, description, warnings, numbers, sections } = report
  const numbering = new Numbering()
  const parts: string[] = []
  for (const [place, section] of sections.entries()) {
    parts.push(await renderSection(section, place + 1, numbering))
  }
  const links = sections.map(
    (section) => `<li><a href="#${section.id}">${escapeHtml(section.title)}</a></li>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#report">Skip to the report</a>
<div class="page">
<header>
<h1>${escapeHtml(title)}</h1>
${description ? `<p class="description">${escapeHtml(description)}</p>` : ''}
<nav aria-label="Sections"><ol>${links.join('')}</ol></nav>
<p class="download">The numbers as ${download('JSON', 'report.json', 'application/json', numbers.json)} and ${download('CSV', 'report.csv', 'text/csv', numbers.csv)}</p>
</header>
<main id="report" tabindex="-1">
${warningList(warnings)}${parts.join('\n')}
</main>
<footer>Made by @gnnrec/report. The page holds all of its data and loads nothing.</footer>
</div>
</body>
</html>
`
}

/** Writes a link that saves a text as a file, without loading anything. */
function download(label: string, file: string, type: string, text: string): string {
  const bytes = new TextEncoder().encode(text)
  const pieces = Array.from({ length: Math.ceil(bytes.length / 4096) }, (_, place) =>
    String.fromCharCode(...bytes.subarray(place * 4096, (place + 1) * 4096)),
  )
  return `<a download="${file}" href="data:${type};base64,${btoa(pieces.join(''))}">${label}</a>`
}

async function renderSection(
  { id, title, blocks }: Section,
  number: number,
  numbering: Numbering,
): Promise<string> {
  const parts: string[] = []
  for (const block of blocks) parts.push(await renderBlock(block, numbering))
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><span class="number">${number}</span>${escapeHtml(title)}</h2>
${parts.join('\n')}
</section>`
}

function warningList(warnings: readonly Warning[]): string {
  if (warnings.length === 0) return ''
  const entries = warnings.map(
    ({ about, text }) => `<li><strong>${escapeHtml(about)}</strong>: ${escapeHtml(text)}</li>`,
  )
  return `<aside class="warnings" aria-labelledby="warnings"><h2 id="warnings">Read this first</h2><ul>${entries.join('\n')}</ul></aside>
`
}
