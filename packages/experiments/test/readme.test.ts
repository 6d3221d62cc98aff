import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readExperimentFile } from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { checkExperiment } from '../src/definition/read-definition.js'
import { parseYaml } from '../src/definition/yaml-source.js'
import { small } from './support/definitions.js'
import { startScript } from './support/processes.js'
import { temporaryFolder } from './support/temporary-folder.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text]) => text,
  )

it('prints the table of the README when its snippet runs', async () => {
  const [snippet] = blocks('ts')
  const folder = await temporaryFolder()
  const script = new URL(`./readme-${process.pid}.ts`, import.meta.url)
  writeFileSync(script, snippet.replace("'runs/layers'", JSON.stringify(join(folder, 'run'))))
  try {
    const run = startScript(script)
    const { code, output } = await run.end
    expect(code, run.errors()).toBe(0)
    const [, head] = /```\n(\| dataset.*)\n```/.exec(readme) ?? []
    const cells = (line: string) => line.split('|').map((cell) => cell.trim())
    const [titles, , ...rows] = output.trim().split('\n').map(cells)
    expect(titles).toEqual(cells(head))
    expect(rows.map((row) => row.slice(1, 5))).toEqual([
      ['movietweetings', 'popularity', '', '1'],
      ['movietweetings', 'light-gcn', '1 layer', '2'],
      ['movietweetings', 'light-gcn', '3 layers', '2'],
    ])
    expect(run.errors()).toContain('done   movietweetings · light-gcn · 3 layers · seed 2: ndcg@20')
  } finally {
    rmSync(script)
  }
})

it('has an experiment and a search that pass every check', async () => {
  const [experiment, search] = blocks('yaml')
  const file = join(await temporaryFolder(), 'layers.yaml')
  writeFileSync(file, experiment)
  const { definition } = await readExperimentFile(file)
  expect(definition.training).toEqual({ learningRate: 5e-3 })
  const parts = parseYaml(search, 'search.yaml').value as object
  await expect(checkExperiment({ ...small, ...parts }, '.')).resolves.toBeDefined()
})

it('lists every code of the errors', () => {
  const errors = readFileSync(fileURLToPath(new URL('../src/errors.ts', import.meta.url)), 'utf8')
  const codes = [...errors.matchAll(/super\(\s*'(\w+)'/g)].map(([, code]) => code)
  expect(codes.length).toBeGreaterThan(3)
  for (const code of codes) expect(readme).toContain(`\`${code}\``)
})
