import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const [snippet] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)

afterEach(() => {
  vi.restoreAllMocks()
})

it('writes the report that the README describes when its snippet runs', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const folder = mkdtempSync(fileURLToPath(new URL('./readme-', import.meta.url)))
  try {
    const file = join(folder, 'snippet.ts')
    const target = join(folder, 'report')
    writeFileSync(
      file,
      snippet.replace("writeReport('report'", `writeReport(${JSON.stringify(target)}`),
    )
    await import(file)
    expect(log.mock.calls).toEqual([[join(target, 'report.html'), join(target, 'report.md')]])
    expect(readFileSync(join(target, 'report.html'), 'utf8')).toContain(
      '<title>Three films</title>',
    )
    expect(readFileSync(join(target, 'report.md'), 'utf8')).toContain(
      'by popularity has the highest ndcg@1',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
