import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromRecords, type InteractionTable, type Split } from '@gnnrec/graph'
import fc from 'fast-check'
import { onTestFinished } from 'vitest'

/** The folder of real data sets. Not every machine has it. */
export const sharedData = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url))

export const hasSharedData = existsSync(sharedData)

/** Makes a folder with these files that is removed when the test ends. */
export function temporaryFolder(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'gnnrec-data-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** Returns the rows `[user, item, rating?, timestamp?, weight?]` of a table with the original ids. */
export function rowsOf(table: InteractionTable): (string | number)[][] {
  return Array.from(table.userIndex, (user, row) => [
    table.users.idOf(user),
    table.items.idOf(table.itemIndex[row]),
    ...(table.rating ? [table.rating[row]] : []),
    ...(table.timestamp ? [table.timestamp[row]] : []),
    ...(table.weight ? [table.weight[row]] : []),
  ])
}

/** Makes a table of rows `[user, item, timestamp]` whose ratings are the row numbers. */
export function numberedTable(
  rows: readonly (readonly [user: number, item: number, timestamp: number])[],
): InteractionTable {
  return fromRecords(
    rows.map(([user, item, timestamp], row) => ({ user, item, rating: row, timestamp })),
  )
}

/** Returns the row numbers of a numbered table. */
export function numbers(table: InteractionTable): number[] {
  return Array.from(table.rating ?? [])
}

/** Yields one piece, aborts the reading and then hangs. */
export async function* abortingAfter(
  first: string,
  controller: AbortController,
): AsyncGenerator<string> {
  yield first
  setTimeout(() => controller.abort(new Error('enough')), 0)
  await new Promise(() => {})
}

/** Generates small numbered tables with distinct pairs, users of one or more rows, and equal times. */
export const smallTables = fc
  .uniqueArray(fc.tuple(fc.nat(7), fc.nat(9)), {
    minLength: 1,
    maxLength: 50,
    selector: ([user, item]) => `${user} ${item}`,
  })
  .chain((pairs) =>
    fc
      .array(fc.nat(20), { minLength: pairs.length, maxLength: pairs.length })
      .map((times) =>
        numberedTable(pairs.map(([user, item], row) => [user, item, times[row]] as const)),
      ),
  )

/** Returns the row numbers of the parts of a split. */
export function partsOf({ train, validation, test }: Split): number[][] {
  return [train, validation, test].map(numbers)
}
