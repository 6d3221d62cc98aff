import { type IdMap, type InteractionTable, rowCount, type Split } from '@gnnrec/graph'
import { maxExamples, type SplitFinding } from './split-finding.js'

/** The methods of splits whose test users or test items are new by design. */
const newByDesign: Readonly<Record<string, 'users' | 'items'>> = {
  'hold-out-users': 'users',
  'hold-out-items': 'items',
}

/** Finds users and items of validation and test that training does not have: `LEAK004`, `LEAK005`. */
export function firstSeen(split: Split): SplitFinding[] {
  const intended = newByDesign[split.method.name]
  return (['users', 'items'] as const).flatMap((what) => {
    if (what === intended) return []
    const column = what === 'users' ? 'userIndex' : 'itemIndex'
    const map: IdMap = split.train[what]
    const isKnown = marks(split.train, column, map.size)
    const isNew = new Uint8Array(map.size)
    let rows = 0
    for (const part of [split.validation, split.test]) {
      for (const index of part[column]) {
        if (isKnown[index]) continue
        isNew[index] = 1
        rows++
      }
    }
    const found = Array.from(isNew.keys()).filter((index) => isNew[index])
    if (found.length === 0) return []
    const finding: SplitFinding = {
      code: what === 'users' ? 'LEAK004' : 'LEAK005',
      severity: 'warning',
      message: `${found.length} ${what} with ${rows} rows occur in validation or test but not in training, so a model that knows only ids cannot rank them. Drop them from test, report them apart, or split by user.`,
      count: found.length,
      examples: found.slice(0, maxExamples).map((index) => JSON.stringify(map.idOf(index))),
    }
    return [finding]
  })
}

/** Finds parts without rows: `LEAK006`. */
export function emptyParts(split: Split): SplitFinding[] {
  return (['validation', 'test'] as const).flatMap((part) => {
    if (rowCount(split[part]) > 0) return []
    const advice =
      part === 'validation'
        ? 'Without it, epochs and settings can only be chosen on test. Take some rows of train for validation.'
        : 'Give it a larger ratio.'
    const finding: SplitFinding = {
      code: 'LEAK006',
      severity: part === 'test' ? 'error' : 'warning',
      message: `The ${part} part is empty. ${advice}`,
      count: 1,
      examples: [part],
    }
    return [finding]
  })
}

/** Returns one mark for every index, which is 1 when the index occurs in a column. */
export function marks(
  table: InteractionTable,
  column: 'userIndex' | 'itemIndex',
  size: number,
): Uint8Array {
  const marked = new Uint8Array(size)
  for (const index of table[column]) marked[index] = 1
  return marked
}
