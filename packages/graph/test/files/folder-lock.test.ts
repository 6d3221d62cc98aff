import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { FolderLock, FolderLockedError, isSystemError } from '../../src/files.js'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

it('makes and locks a folder until it is released', async () => {
  const folder = join(await temporaryFolder(), 'new', 'folder')
  const lock = await FolderLock.acquire(folder)
  expect(await lock.isHeld()).toBe(true)
  const second = FolderLock.acquire(folder)
  await expect(second).rejects.toThrow(FolderLockedError)
  await expect(second).rejects.toThrow(`process ${process.pid}`)
  await lock.release()
  expect(await lock.isHeld()).toBe(false)
  expect(await readdir(folder)).toEqual([])
  await (await FolderLock.acquire(folder)).release()
})

it('leaves the lock of another process alone', async () => {
  const folder = await temporaryFolder()
  const lock = await FolderLock.acquire(folder)
  await writeFile(join(folder, 'lock.json'), 'of another')
  expect(await lock.isHeld()).toBe(false)
  await lock.release()
  expect(await readdir(folder)).toEqual(['lock.json'])
})

it('passes on the error of the system when the folder cannot be written', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  const error = await FolderLock.acquire(join(file, 'folder')).catch((cause: unknown) => cause)
  expect(isSystemError(error)).toBe(true)
})
