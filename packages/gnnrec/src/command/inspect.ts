import { inspectFile } from '@gnnrec/data'
import { type ColumnFlags, readingOptions } from './events.js'
import type { CommandIo } from './io.js'

/** Shows what a file holds. */
export async function run(
  [events]: readonly [string],
  flags: ColumnFlags,
  io: CommandIo,
): Promise<void> {
  const source = events === '-' ? process.stdin : events
  const inspection = await inspectFile(source, { ...readingOptions(flags), signal: io.signal })
  if (events === '-') process.stdin.destroy()
  io.result(inspection, () => String(inspection))
}
