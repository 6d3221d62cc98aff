// Checks what is mechanical about our English: Oxford spelling, doc comments that stand alone, and
// defaults in @defaultValue.
//   node scripts/check-prose.mjs [FOLDER…]
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkFile } from './prose/check-file.mjs'

/** Files that others wrote or a program made, and those that hold wrong words on purpose. */
const notOurs = [
  /\/test\/fixtures\//,
  /\/generated\//,
  /CHANGELOG\.md$/,
  /^scripts\/(prose\/|test\/check-prose)/,
]

const { positionals } = parseArgs({ allowPositionals: true })
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const listed = execFileSync('git', ['ls-files', '--', ...positionals], { encoding: 'utf8' })
const files = listed
  .split('\n')
  .filter((path) => /\.(ts|mjs|md)$/.test(path) && !notOurs.some((each) => each.test(path)))
  .filter((path) => existsSync(path))

let count = 0
for (const path of files) {
  for (const { line, message } of checkFile(path, readFileSync(path, 'utf8'))) {
    console.error(`${path}:${line} ${message}`)
    count++
  }
}
console.log(`${files.length} files read, ${count} problems`)
if (count > 0) process.exitCode = 1
