import { stat } from 'node:fs/promises'
import { GnnRecError } from '@gnnrec/graph'
import type { WriteReport } from './write-report.js'
import type { Writers } from './writer.js'

/**
 * Writes what the arguments of the process say: a writer, a folder, and an address to download from. It prints
 * 'ready', waits for a line, writes, and prints a WriteReport as JSON.
 */
export async function writeWhenAsked(writers: Writers): Promise<void> {
  const [name, folder, address] = process.argv.slice(2)
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
}

function report(result: WriteReport): void {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}

function failed(error: unknown): WriteReport {
  const { name: kind = typeof error, message = String(error) } = (error ?? {}) as Error
  if (GnnRecError.isInstance(error))
    return { end: 'typed error', message: `${error.code}: ${message}` }
  return { end: 'foreign error', message: `${kind}: ${message}` }
}
