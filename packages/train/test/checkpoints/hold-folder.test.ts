import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { holdFolder } from '@gnnrec/train'
import { expect, it, onTestFinished } from 'vitest'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-hold-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

it('holds a folder, which it makes, until it is released', async () => {
  const folder = join(await temporaryFolder(), 'new', 'folder')
  const held = await holdFolder(folder)
  await expect(holdFolder(folder)).rejects.toMatchObject({
    code: 'CHECKPOINT_LOCKED',
    message: expect.stringContaining(`process ${process.pid}`),
  })
  await held.release()
  expect(await readdir(folder)).toEqual([])
  await (await holdFolder(folder)).release()
})

it('says when the folder cannot be written', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  await expect(holdFolder(join(file, 'folder'))).rejects.toMatchObject({
    code: 'CHECKPOINT',
    message: expect.stringContaining('Choose a folder that can be written'),
  })
})
