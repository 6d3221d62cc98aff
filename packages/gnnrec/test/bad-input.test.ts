import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gnnrec } from './support/command.js'
import { asCsv, shopEvents } from './support/events.js'
import { temporaryFolder } from './support/temporary-folder.js'

const header = 'user_id,item_id,timestamp\n'
const rows = (count: number, row: (at: number) => string) =>
  header + Array.from({ length: count }, (_, at) => `${row(at)}\n`).join('')
const many = asCsv(shopEvents())
const binary = Uint8Array.from({ length: 5000 }, (_, at) => (at * 197 + (at >> 3)) % 256)

/** Files that cannot be trained on, and what the command says of them. */
const files: readonly (readonly [name: string, content: string | Uint8Array, message: RegExp])[] = [
  ['empty.csv', '', /empty/],
  ['header-only.csv', header, /no (rows|interactions)|header/i],
  ['one-user.csv', rows(40, (at) => `ann,i${at},${at}`), /1 user and 40 items/],
  ['one-item.csv', rows(40, (at) => `u${at},tea,${at}`), /40 users and 1 item/],
  ['duplicates.csv', rows(40, () => 'ann,tea,5'), /1 event of 1 user and 1 item/],
  ['binary.csv', binary, /./],
  ['picture.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...binary), /./],
  ['not.parquet', many.slice(0, 4), /./],
  ['half.parquet', Uint8Array.from([...Buffer.from('PAR1'), ...binary]), /./],
]

it('names what is wrong with a file, and writes nothing', async () => {
  const folder = await temporaryFolder()
  for (const [name, content, message] of files) {
    await writeFile(join(folder, name), content)
    const { code, out, err } = await gnnrec(['train', name, '--json', '--output', 'model'], {
      cwd: folder,
    })
    expect([name, code]).toEqual([name, 1])
    const { error } = JSON.parse(out)
    expect([name, error.code]).not.toEqual([name, 'UNEXPECTED'])
    expect(error.message).toMatch(message)
    expect(err).toContain('gnnrec: ')
    // The name of the file, or what is in it, tells which one is meant.
    expect(err).not.toMatch(/^ {4}at /m)
  }
  expect(await readdir(folder)).not.toContain('model')
})

it('refuses a folder, a missing file and a column that is not there', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'events'))
  await writeFile(join(folder, 'events.csv'), many)
  for (const [args, message] of [
    [['train', 'events'], /events/],
    [['train', 'missing.csv'], /missing\.csv/],
    [['train', 'events.csv', '--user', 'user_idd', '--item', 'item_id'], /did you mean 'user_id'/],
    [['recommend', 'events'], /./],
    [['recommend', 'events.csv', 'ann'], /./],
    [['evaluate', 'none', 'events.csv'], /none/],
    [['run', 'missing.yaml'], /missing\.yaml/],
    [['train', 'events.csv', '--model', 'ligth-gcn'], /light-gcn/],
  ] as const) {
    const { code, err } = await gnnrec(args, { cwd: folder })
    expect([1, 2]).toContain(code)
    expect(err).toMatch(message)
    expect(err).not.toMatch(/^ {4}at /m)
  }
})

it('trains on files of another name than their form', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'events.parquet'), many)
  await writeFile(
    join(folder, 'events.xlsx'),
    rows(300, (at) => `u${at % 12},i${(at * 7) % 20},9`),
  )
  for (const name of ['events.parquet', 'events.xlsx']) {
    const args = ['train', name, '--model', 'popularity', '--output', `model of ${name}`]
    const { code, out, err } = await gnnrec(args, { cwd: folder })
    expect([name, code, err.includes('gnnrec: ')]).toEqual([name, 0, false])
    expect(out).toContain(`'model of ${name}'`)
  }
})

it.skipIf(process.getuid?.() === 0)('says that it may not write', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'events.csv'), many)
  await mkdir(join(folder, 'locked'))
  await chmod(join(folder, 'locked'), 0o500)
  const args = ['train', 'events.csv', '--model', 'popularity', '--output', 'locked/model']
  const { code, err } = await gnnrec(args, { cwd: folder })
  expect([code, err]).toEqual([1, expect.stringContaining('Could not save to')])
})

it('says that a model cannot be saved below a file', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'events.csv'), many)
  const args = ['train', 'events.csv', '--model', 'popularity', '--output', 'events.csv/model']
  const { code, err } = await gnnrec(args, { cwd: folder })
  expect([code, err]).toEqual([1, expect.stringMatching(/events\.csv/)])
})
