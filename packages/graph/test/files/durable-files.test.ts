import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileDraft, isSystemError, replaceFile, syncFolder, writeSynced } from '../../src/files.js'
import { InvalidOptionsError } from '../../src/index.js'

const fs = process.getBuiltinModule('node:fs/promises')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnnrec-files-'))
})

afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await rm(folder, { recursive: true })
})

describe('replaceFile', () => {
  it('leaves the old file, and nothing else, when the new one cannot take its name', async () => {
    const file = join(folder, 'a.json')
    await replaceFile(file, 'old')
    vi.spyOn(fs, 'rename').mockRejectedValueOnce(new Error('disk'))
    await expect(replaceFile(file, 'new')).rejects.toThrow('disk')
    expect(await readFile(file, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['a.json'])
    await replaceFile(file, new Uint8Array([65]))
    expect(await readFile(file, 'utf8')).toBe('A')
  })

  it('says that a page has no file system', async () => {
    vi.stubGlobal('process', undefined)
    await expect(replaceFile('a', 'b')).rejects.toMatchObject({ code: 'NO_FILE_SYSTEM' })
  })
})

it('writes pieces one after the other', async () => {
  const file = join(folder, 'pieces')
  await writeSynced(file, [new Uint8Array([65]), new Uint8Array([66, 67])])
  await syncFolder(folder)
  expect(await readFile(file, 'utf8')).toBe('ABC')
})

it('shows a draft under its name once it is published', async () => {
  const file = join(folder, 'lists.csv')
  const draft = await FileDraft.create(file)
  await draft.write('a,')
  expect(await readdir(folder)).not.toContain('lists.csv')
  await draft.write(new TextEncoder().encode('b'))
  await draft.publish()
  await draft.discard()
  expect(await readFile(file, 'utf8')).toBe('a,b')
  expect(await readdir(folder)).toEqual(['lists.csv'])
})

it('tells errors of the operating system from others', async () => {
  const missing = await readFile(join(folder, 'none')).catch((cause: unknown) => cause)
  expect(isSystemError(missing)).toBe(true)
  expect(isSystemError(new InvalidOptionsError('wrong'))).toBe(false)
  expect(isSystemError('ENOENT')).toBe(false)
})
