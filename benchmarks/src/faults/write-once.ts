// Writes once, when its parent says so:
//   node … write-once.js WRITER FOLDER ADDRESS
// It prints 'ready', waits for a line, writes, and prints a WriteReport as JSON.
import { stat } from 'node:fs/promises'
import { GnnRecError } from '@gnnrec/graph'
import type { WriteReport } from './write-report.js'
import { writers } from './writers.js'

const [name, folder, address] = process.argv.slice(2)

function report(result: WriteReport): void {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}

function failed(error: unknown): WriteReport {
  const { name: kind = typeof error, message = String(error) } = (error ?? {}) as Error
  if (GnnRecError.isInstance(error))
    return { end: 'typed error', message: `${error.code}: ${message}` }
  return { end: 'foreign error', message: `${kind}: ${message}` }
}

process.on('uncaughtException', (error) => report(failed(error)))
process.on('unhandledRejection', (error) => report(failed(error)))
const writer = await writers[name]()
const write = await writer.open(folder, address)
// The thread that makes calls for fs/promises starts now.
await stat('/')
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  try {
    await write()
    report({ end: 'written' })
  } catch (error) {
    report(failed(error))
  }
})
