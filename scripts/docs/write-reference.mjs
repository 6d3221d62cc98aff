import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorCodes } from './error-codes.mjs'
import { errorsPage } from './errors-page.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Writes the pages of the site that follow from the sources: the errors and the command line. */
export function writeReference() {
  mkdirSync(`${root}docs/reference`, { recursive: true })
  writeFileSync(`${root}docs/reference/errors.md`, errorsPage(errorCodes(root)))
  const program = fileURLToPath(new URL('command-page.ts', import.meta.url))
  const loader = ['--conditions', '@gnnrec/source', '--import', import.meta.resolve('tsx')]
  const page = execFileSync(process.execPath, [...loader, program], { encoding: 'utf8' })
  writeFileSync(`${root}docs/reference/command.md`, page)
}
