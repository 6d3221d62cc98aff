import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'
import { flavourMetrics, flavours } from '../src/flavours/flavour.js'
import { metricTable } from './support/metric-table.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)

afterEach(() => {
  vi.restoreAllMocks()
})

it('prints what the README says when its snippets run, one after the other', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const folder = mkdtempSync(fileURLToPath(new URL('./readme-', import.meta.url)))
  try {
    const file = join(folder, 'snippets.ts')
    writeFileSync(file, snippets.join('\n'))
    await import(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(log.mock.calls).toEqual([
    [{ 'recall@1': 0.5, 'ndcg@2': 1, 'coverage@2': 2 / 3 }],
    [2],
    [0.5],
    [0.5],
    ['0.36'],
    [0, 1],
    [['masked']],
  ])
})

it('lists every metric with the definition of its doc comment', async () => {
  expect(readme).toContain('| name | member |')
  const written = readme.replace(/\| name \| member \|[\s\S]*?\n\n/, () => `${metricTable()}\n\n`)
  await expect(written).toMatchFileSnapshot('../README.md')
})

it('lists the metrics of every flavour', () => {
  for (const flavour of flavours.filter((name) => name !== 'gnnrec')) {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${flavour}\` |`))
    const listed = row
      ?.split('|')[2]
      .split(',')
      .map((name) => name.trim())
    expect(listed, flavour).toEqual(flavourMetrics(flavour).map(({ name }) => name))
  }
})
