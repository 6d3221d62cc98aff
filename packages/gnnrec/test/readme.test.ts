import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { makeProgram } from '../src/command/program.js'
import { projectFiles } from '../src/command/project-files.js'
import { runProgramFile } from './support/command.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text)

it('has snippets that run on the events of a new project', async () => {
  expect(snippets).toHaveLength(2)
  // Beside the tests, so that packages are found.
  const folder = mkdtempSync(fileURLToPath(new URL('./readme-', import.meta.url)))
  try {
    writeFileSync(join(folder, 'events.csv'), projectFiles('shop')['events.csv'])
    for (const [place, snippet] of snippets.entries()) {
      writeFileSync(join(folder, `snippet-${place}.ts`), snippet)
      const { code, out, err } = await runProgramFile(join(folder, `snippet-${place}.ts`), folder)
      expect(code, err).toBe(0)
      expect(out).toContain('Chosen: ')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})

it('names all commands', () => {
  for (const command of makeProgram(new AbortController().signal).commands) {
    expect(readme).toContain(`\`${command.name()}`)
  }
})
