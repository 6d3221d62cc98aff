import { createReport, type ReportOptions } from '@gnnrec/report'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { escapeHtml } from '../src/html/escape-html.js'
import { escapeMarkdown } from '../src/markdown/escape-markdown.js'
import { hostileReport } from './support/hostile-report.js'
import { madeModel } from './support/made-input.js'

it('escapes all HTML markup in a text without losing characters', () => {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const escaped = escapeHtml(text)
      expect(escaped).not.toMatch(/[<>"']/)
      const back = escaped.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name])
      const dropped = /\s|[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
      expect(back.replace(dropped, '')).toBe(text.replace(dropped, ''))
    }),
  )
})

it('keeps a text of Markdown in its cell and free of markup', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeMarkdown(text)
      expect(escaped).not.toMatch(/[<>\n\r]|(?<!\\)(?:\\\\)*[|*_`[\]~$]/)
    }),
  )
  expect(escapeMarkdown('# no heading')).toBe('\\# no heading')
  expect(escapeMarkdown('1. no list')).toBe('1\\. no list')
  expect(escapeMarkdown('&lt;b&gt;')).toBe('&amp;lt;b&amp;gt;')
})

it('drops characters that turn a line around', () => {
  expect(escapeHtml('a\u202eb\u2066c\u001b')).toBe('abc')
  expect(escapeMarkdown('a\u202eb\u2066c\u009b')).toBe('abc')
})

it('takes models with the names of properties of objects', async () => {
  const names = ['__proto__', 'constructor', 'toString']
  const models = names.map((name, place) => madeModel(name, place))
  const users = [{ id: 1, consumed: [], recommended: { constructor: [{ id: 1 }] } }]
  const { html, markdown } = await createReport({ title: 'T', models, users })
  for (const text of [html, markdown]) {
    expect(text).toContain('constructor: 0 hits')
    expect(text).not.toContain('toString: 0 hits')
    expect(text).not.toContain('native code')
  }
})

it('replaces lone surrogates, which no file can hold', () => {
  expect(escapeHtml('a\ud800b')).toBe('a\ufffdb')
  expect(escapeMarkdown('a\udc00b')).toBe('a\ufffdb')
})

it('runs no text, wherever it is shown', async () => {
  const { html, markdown } = await createReport(hostileReport())
  expect(html).not.toMatch(/<script|<img|<\/title><|<b>|\sonerror=[^&]*[^;]>/i)
  // All tags are ours.
  const tags = new Set([...html.matchAll(/<\/?([a-z][\w-]*)/gi)].map(([, tag]) => tag))
  expect(tags).not.toContain('script')
  expect(tags).not.toContain('img')
  expect(markdown).not.toMatch(/<[a-z/!]/i)
  for (const row of markdown.split('\n').filter((line) => line.startsWith('|'))) {
    expect(row.endsWith('|')).toBe(true)
  }
})

it('keeps columns of Markdown together when names have pipes', async () => {
  const options: ReportOptions = {
    title: 'T',
    models: [madeModel('a | b', 0), madeModel('c\nd', 0)],
  }
  const { markdown } = await createReport(options)
  const tables = markdown.split('\n\n').filter((block) => block.startsWith('|'))
  for (const table of tables) {
    const widths = table
      .trim()
      .split('\n')
      .map((line) => line.replaceAll('\\|', '').split('|').length)
    expect(new Set(widths).size).toBe(1)
  }
})
