import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exampleBlocks } from '../examples/blocks.mjs'

const script = fileURLToPath(new URL('../check-examples.mjs', import.meta.url))
const repository = fileURLToPath(new URL('../..', import.meta.url))
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'examples-'))
  const modules = join(root, 'packages/toy/node_modules/@gnnrec')
  await mkdir(modules, { recursive: true })
  await symlink(join(root, 'packages/toy'), join(modules, 'toy'))
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  await symlink(join(repository, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'))
  const exports = {
    '.': { '@gnnrec/source': './src/index.ts' },
    './package.json': './package.json',
  }
  await write('package.json', JSON.stringify({ name: '@gnnrec/toy', type: 'module', exports }))
})

afterEach(() => rm(root, { recursive: true, force: true }))

it('runs the examples of exported functions, classes, members and namespaces', async () => {
  await write(
    'src/index.ts',
    `export { double } from './double.ts'
     export * as shapes from './shapes.ts'
     ${commented('export interface Options {}', "console.log('options')")}
     export const answer = 42`,
  )
  await write(
    'src/double.ts',
    commented(
      'export function double(x: number) { return 2 * x }',
      "import { double } from '@gnnrec/toy'\nconsole.log(double(21))",
    ),
  )
  await write(
    'src/shapes.ts',
    `export class Square {\n${commented('side() { return 1 }', "console.log('side')")} }
     export function area() { return 1 }
     function inner() { return 1 }
     export const edges = () => inner()`,
  )
  const { code, output } = await check()
  expect(output).toContain('3 examples compiled, 3 ran')
  expect(output).toContain('0 problems')
  expect(output).toMatch(/shapes\.Square has no @example/)
  expect(output).toMatch(/shapes\.area has no @example/)
  expect(output).toMatch(/shapes\.edges has no @example/)
  expect(output).not.toMatch(/(double|answer|Options|inner) has no @example/)
  expect(code).toBe(1)
  expect(existsSync(join(root, 'packages/toy/.examples'))).toBe(false)
})

it('names the example that fails, with its place and output', async () => {
  await write(
    'src/index.ts',
    [
      commented('export function types() {}', "const n: number = 'a'\nconsole.log(n)"),
      commented('export function throws() {}', "console.log('so far')\nthrow new Error('broken')"),
      commented('export function silent() {}', 'export const n = 1'),
      commented('export function exits() {}', 'console.log(1)\nprocess.exit(3)'),
      commented('export function fine() {}', 'console.log(1)'),
      commented(
        'export function sets() {}',
        'Object.assign(globalThis, { set: 1 })\nconsole.log(1)',
      ),
      commented(
        'export function alone() {}',
        "if ('set' in globalThis) throw new Error('set')\nconsole.log(1)",
      ),
      '/** @example prose alone */\nexport function prose() {}',
    ].join('\n'),
  )
  const { code, output } = await check()
  expect(code).toBe(1)
  expect(output).toMatch(/index\.ts:5 the example of types does not compile: .*not assignable/)
  expect(output).toMatch(/the example of throws failed: Error: broken[\s\S]*so far/)
  expect(output).toContain('the example of silent prints nothing')
  expect(output).toContain('the example of exits ended its process (exit code 3)')
  expect(output).toContain('the example of prose holds no ```ts block')
  expect(output).not.toMatch(/of (fine|sets|alone)/)
  expect(output).toContain('5 problems')
})

it('compiles examples that are not to be run', async () => {
  const code = "console.log('never')\nprocess.exit(1)"
  await write('src/index.ts', commented('export function remote() {}', code, 'ts no-run'))
  const { code: status, output } = await check()
  expect(output).toContain('1 examples compiled, 0 ran')
  expect(status).toBe(0)
})

it('reads the blocks of a comment', () => {
  const comment = `/**
   * Adds.
   * \`\`\`ts
   * outside()
   * \`\`\`
   * @example Two numbers
   * \`\`\`ts
   * if (a) {
   *   add()
   * }
   * \`\`\`
   * \`\`\`sh
   * npm i
   * \`\`\`
   * @returns
   * \`\`\`ts
   * result()
   * \`\`\`
   */`
  expect(exampleBlocks(comment)).toEqual([{ code: 'if (a) {\n  add()\n}\n', line: 7, run: true }])
})

function commented(declaration: string, code: string, fence = 'ts'): string {
  const lines = code.split('\n').map((line) => ` * ${line}\n`)
  return `/**\n * @example\n * \`\`\`${fence}\n${lines.join('')} * \`\`\`\n */\n${declaration}`
}

async function write(path: string, content: string): Promise<void> {
  const file = join(root, 'packages/toy', path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

function check(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((settle) => {
    const command = [script, '--root', root, ...args]
    const child = execFile(process.execPath, command, (_error, stdout, stderr) =>
      settle({ code: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}
