import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'

/**
 * Reads the ```ts blocks of a page of the site. Each is a program of its own; they run one after the other
 * in one folder, so that a later one can load what an earlier one has saved.
 *
 * @param {string} markdown
 * @returns {{ code: string, line: number, run: boolean }[]} `line` that of the fence, counted from 0, `run` false for a block
 *   that is fenced ```ts no-run
 */
export function pageBlocks(markdown) {
  const blocks = []
  let block
  for (const [line, text] of markdown.split('\n').entries()) {
    const fence = text.match(/^(\s*)```(\w*)\s*(.*)$/)
    if (block && fence) {
      if (block.language === 'ts') blocks.push(block)
      block = undefined
    } else if (block) {
      block.code += `${text.slice(Math.min(block.indent, text.search(/\S|$/)))}\n`
    } else if (fence) {
      const [, indent, language, rest] = fence
      const run = !/\bno-run\b/.test(rest)
      block = { language, indent: indent.length, code: '', line, run }
    }
  }
  return blocks.map(({ code, line, run }) => ({ code, line, run }))
}

/**
 * Finds the pages of the site with their ```ts blocks, in the form of the packages of `check-examples.mjs`.
 *
 * @param {string} root folder of the repository
 */
export function readPages(root) {
  const folder = join(root, 'docs')
  return readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith('.md') && !/(^|[\\/])(api|node_modules|\.\w+)[\\/]/.test(path))
    .sort()
    .map((path) => {
      const source = join(folder, path)
      const name = relative(root, source).split(sep).join('/')
      const examples = pageBlocks(readFileSync(source, 'utf8')).map(({ code, line, run }, at) => ({
        name: `block ${at + 1}`,
        source,
        // Counted from 1, as editors do.
        line: line + 1,
        code,
        run,
      }))
      const scratch = join(folder, '.examples', path.slice(0, -3).replaceAll(/\W+/g, '-'))
      return { name, entries: [], scratch, examples, missing: [] }
    })
    .filter(({ examples }) => examples.length > 0)
}

/**
 * Returns the events.csv of a new project, which the programs of pages find in their folder, or undefined in
 * a repository without `gnnrec`.
 *
 * @param {string} root folder of the repository
 */
export function newProjectEvents(root) {
  const program = join(root, 'packages/gnnrec/src/main.ts')
  if (!existsSync(program)) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'gnnrec-project-'))
  try {
    const loader = ['--conditions', '@gnnrec/source', '--import', import.meta.resolve('tsx')]
    execFileSync(process.execPath, [...loader, program, 'init', '--force', '--quiet', folder])
    return readFileSync(join(folder, 'events.csv'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
