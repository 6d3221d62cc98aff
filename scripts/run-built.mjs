// Builds the packages, then runs a TypeScript program that uses them as a user would.
//   node scripts/run-built.mjs [node options] program.ts [arguments of the program]
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { runQuietly } from './run-quietly.mjs'

runQuietly('build', 'building the packages')

const child = spawn(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// A terminal sends Ctrl-C to the program as well; passing it on would deliver it twice.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT')
})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
