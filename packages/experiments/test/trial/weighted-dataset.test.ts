import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { splitOf } from '../../src/trial/trial-split.js'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Splits a file in which a pair comes twice, with weights or without reading them. */
async function pairWeights(columns: object, weights?: 'none' | 'counts' | 'log') {
  const baseFolder = mkdtempSync(join(tmpdir(), 'gnnrec-weights-'))
  folders.push(baseFolder)
  const rows = ['ann,jaws,2', 'ann,alien,1', 'ann,jaws,5', 'ann,brazil,4', 'ann,up,1']
  writeFileSync(join(baseFolder, 'plays.csv'), `user,item,plays\n${rows.join('\n')}\n`)
  const { train, validation, test } = await splitOf(
    {
      dataset: 'plays',
      label: 'plays',
      csv: { file: 'plays.csv', columns: { user: 'user', item: 'item', ...columns } },
      split: { method: 'random', ratios: [0.5, 0.25, 0.25], seed: 0 },
      ...(weights && { weights }),
    },
    { baseFolder, filesBelow: true, allowModules: [] },
  )
  const found: Record<string, number | undefined> = {}
  for (const part of [train, validation, test]) {
    part.itemIndex.forEach((item, row) => {
      found[String(part.items.idOf(item))] = part.weight?.[row]
    })
  }
  return found
}

it('a data set with weights adds up those of repeated pairs, or counts their rows', async () => {
  const weight = { weight: 'plays' }
  const summed = { jaws: 7, alien: 1, brazil: 4, up: 1 }
  expect(await pairWeights(weight, 'counts')).toEqual(summed)
  expect(await pairWeights(weight, 'log')).toEqual(summed)
  expect(await pairWeights({}, 'counts')).toEqual({ jaws: 2, alien: 1, brazil: 1, up: 1 })
})

it('a data set without the setting keeps the first row of each pair as it is', async () => {
  expect(await pairWeights({ weight: 'plays' })).toEqual({ jaws: 2, alien: 1, brazil: 4, up: 1 })
  expect(await pairWeights({})).toEqual({
    jaws: undefined,
    alien: undefined,
    brazil: undefined,
    up: undefined,
  })
})
