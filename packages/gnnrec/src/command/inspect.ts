import { inspectFile } from '@gnnrec/data'
import type { CommandIo } from './io.js'

/** Shows what a file holds. */
export async function run(
  [events]: readonly [string],
  _flags: object,
  io: CommandIo,
): Promise<void> {
  const source = events === '-' ? process.stdin : events
  const inspection = await inspectFile(source, { signal: io.signal })
  if (events === '-') process.stdin.destroy()
  io.result(inspection, () => String(inspection))
}
