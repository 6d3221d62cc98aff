import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.js'

const root = new URL('../../../', import.meta.url)

it('has a first snippet that runs as it stands', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const snippet = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] as string
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'main.ts'), snippet)
  await symlink(fileURLToPath(new URL('node_modules', root)), join(folder, 'node_modules'))
  const tsx = fileURLToPath(new URL('node_modules/tsx/dist/cli.mjs', root))
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [tsx, '-C', '@gnnrec/source', 'main.ts'],
    { cwd: folder },
  )
  expect(stderr).toBe('')
  const [recommended, similar, ...options] = stdout.split('\n')
  expect(recommended).toMatch(/^\[ '(Casablanca|Diva)' \]$/)
  expect(similar).toMatch(/^\[ '\w+', '\w+' \]$/)
  expect(options.join('')).toContain('embeddingDim: 16')
  expect(existsSync(join(folder, 'film-model', 'model.json'))).toBe(true)
})
