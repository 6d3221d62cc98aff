import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { definitionSchema } from '../../src/definition/definition-schema.js'
import { splitOf } from '../../src/trial/trial-split.js'
import { small } from '../support/definitions.js'

it('a data set from CSV takes all options of its form', async () => {
  const baseFolder = mkdtempSync(join(tmpdir(), 'gnnrec-csv-'))
  onTestFinished(() => rmSync(baseFolder, { recursive: true }))
  const rows = [
    'ann;jaws;4,5;2024-01-02',
    '# a comment',
    'ann;alien;3;2024-01-01',
    'ann;up;1;2024-01-03',
  ]
  writeFileSync(join(baseFolder, 'a.csv'), `sep=;\nuser;item;stars;at\n${rows.join('\n')}\n`)
  const csv = {
    file: 'a.csv',
    columns: { user: 'user', item: 'item', rating: 'stars', timestamp: 'at' },
    delimiter: ';',
    skipLines: 1,
    comment: '#',
    decimal: ',',
    timestampFormat: 'iso',
  } as const
  const { datasets } = definitionSchema.parse({ ...small, datasets: [{ dataset: 'mine', csv }] })
  expect(datasets[0].csv).toEqual(csv)
  const { train, validation, test } = await splitOf(
    { dataset: 'mine', label: 'mine', csv, split: { method: 'leave-last-out' } },
    { baseFolder, filesBelow: true, allowModules: [] },
  )
  const times = ['2024-01-01', '2024-01-02', '2024-01-03'].map((day) => Date.parse(day) / 1000)
  expect([train, validation, test].map((part) => part.timestamp?.[0])).toEqual(times)
  expect([train, validation, test].map((part) => part.rating?.[0])).toEqual([3, 4.5, 1])
})
