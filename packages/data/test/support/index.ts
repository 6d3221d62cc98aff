import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromRecords, type InteractionTable, type Split } from '@gnnrec/graph'
import fc from 'fast-check'
import { onTestFinished } from 'vitest'

/** The folder of real data sets, which not every machine has. */
export const sharedData = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url))

export const hasSharedData = existsSync(sharedData)

/** A folder with these files that vanishes when the test ends. */
export function temporaryFolder(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'gnnrec-data-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** Rows `[user, item, rating?, timestamp?]` of a table with the users' own ids. */
export function rowsOf(table: InteractionTable): (string | number)[][] {
  return Array.from(table.userIndex, (user, row) => [
    table.users.idOf(user),
    table.items.idOf(table.itemIndex[row]),
    ...(table.rating ? [table.rating[row]] : []),
    ...(table.timestamp ? [table.timestamp[row]] : []),
  ])
}

/** A table from `[user, item, timestamp]`, whose ratings are the row numbers. */
export function numberedTable(
  rows: readonly (readonly [user: number, item: number, timestamp: number])[],
): InteractionTable {
  return fromRecords(
    rows.map(([user, item, timestamp], row) => ({ user, item, rating: row, timestamp })),
  )
}

/** The row numbers of a numbered table. */
export function numbers(table: InteractionTable): number[] {
  return Array.from(table.rating ?? [])
}

/** A stream without end that has the reading aborted after its first piece. */
export async function* abortingAfter(
  first: string,
  controller: AbortController,
): AsyncGenerator<string> {
  yield first
  setTimeout(() => controller.abort(new Error('enough')), 0)
  await new Promise(() => {})
}

/** Any small numbered table: distinct pairs, users with one row and more, equal times. */
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

/** The row numbers of a numbered table's parts. */
export function partsOf({ train, validation, test }: Split): number[][] {
  return [train, validation, test].map(numbers)
}
