import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it('diagnoses as its README says', () => {
  const [, snippet] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const script = fileURLToPath(new URL(`./readme-${process.pid}.ts`, import.meta.url))
  writeFileSync(script, snippet)
  try {
    const flags = ['--import', 'tsx', '--conditions=@gnnrec/source']
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, script], {
      encoding: 'utf8',
      timeout: 600_000,
    })
    expect(stdout, stderr).toMatch(/simd on cpu[\s\S]*All is well\.\n\[\]\n$/)
  } finally {
    rmSync(script)
  }
})
