import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pageBlocks } from '../examples/pages.mjs'

const script = fileURLToPath(new URL('../check-examples.mjs', import.meta.url))
const repository = fileURLToPath(new URL('../..', import.meta.url))
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pages-'))
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  await symlink(join(repository, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'))
  await write('package.json', JSON.stringify({ type: 'module' }))
})

afterEach(() => rm(root, { recursive: true, force: true }))

it('reads ts blocks with their lines, also in lists and with names of files', () => {
  const page = [
    '```sh',
    'npm i',
    '```',
    '```ts [train.ts]',
    'one()',
    '```',
    '- item',
    '  ```ts no-run',
    '  two()',
    '',
    '  ```',
  ].join('\n')
  expect(pageBlocks(page)).toEqual([
    { code: 'one()\n', line: 3, run: true },
    { code: 'two()\n\n', line: 7, run: false },
  ])
})

it('runs the programs of a page one after the other in one folder', async () => {
  await write(
    'docs/good.md',
    block("import { writeFileSync } from 'node:fs'\nwriteFileSync('a', 'x')\nconsole.log(1)"),
    block("import { readFileSync } from 'node:fs'\nconsole.log(readFileSync('a', 'utf8'))"),
  )
  await write('docs/api/generated.md', block('not TypeScript'))
  const { code, output } = await check()
  expect(output).toContain('2 examples compiled, 2 ran')
  expect(code).toBe(0)
  expect(existsSync(join(root, 'docs/.examples'))).toBe(false)
})

it('names page and line of programs that do not compile, fail or print nothing', async () => {
  await write('docs/guides/wrong.md', '# Title', block("const x: number = 'one'\nconsole.log(x)"))
  await write('docs/fails.md', block("throw new Error('broken')"), block('console.log(1)'))
  await write('docs/silent.md', block('export const x = 1'))
  const { code, output } = await check()
  expect(output).toMatch(/docs\/guides\/wrong\.md:3 the example of block 1 does not compile/)
  expect(output).toMatch(/docs\/fails\.md:1 the example of block 1 failed: Error: broken/)
  expect(output).toMatch(/docs\/silent\.md:1 the example of block 1 prints nothing/)
  expect(output).toContain('3 problems')
  expect(code).toBe(1)
})

it('refuses a path that names no page', async () => {
  await write('docs/good.md', block('console.log(1)'))
  const { code, output } = await check('--only', 'docs/missing')
  expect(output).toContain('No page with code has a path that starts with "docs/missing"')
  expect(code).toBe(1)
})

function block(code: string) {
  return `\`\`\`ts\n${code}\n\`\`\``
}

async function write(path: string, ...parts: string[]) {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, parts.join('\n'))
}

function check(...flags: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const args = [script, '--pages', '--root', root, ...flags]
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` })
    })
  })
}
