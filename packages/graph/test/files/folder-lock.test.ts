import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
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

it('never lets two of three processes in, even where they take over the locks of killed ones', async () => {
  const folder = await temporaryFolder()
  const { pid } = spawnSync(process.execPath, ['--version'])
  const program = fileURLToPath(new URL('../support/contend.ts', import.meta.url))
  const contend = () =>
    promisify(execFile)(process.execPath, [
      ...['--import', import.meta.resolve('tsx'), '-C', '@gnnrec/source', program],
      ...[folder, '150', `${pid}`],
    ])
  const outputs = await Promise.all([contend(), contend(), contend()])
  expect(outputs.map(({ stdout }) => Number(stdout))).toEqual([0, 0, 0])
  // The last turn of a process leaves a lock that counts no more.
  expect((await readdir(folder)).filter((name) => name !== 'lock.json')).toEqual([])
})

it('removes what killed processes left while they locked', async () => {
  const folder = await temporaryFolder()
  const { pid } = spawnSync(process.execPath, ['--version'])
  const ended = JSON.stringify({ pid, started: null, host: hostname(), token: `${pid}-0-1` })
  await writeFile(join(folder, `lock.json.${pid}-0-1`), ended)
  await writeFile(join(folder, `lock.json.${pid}-1-1`), '')
  const ownDraft = `lock.json.${process.pid}-99-1`
  await writeFile(join(folder, ownDraft), '')
  await writeFile(join(folder, 'lock.json.removal'), ended)
  await writeFile(join(folder, 'lock.json'), ended)
  const lock = await FolderLock.acquire(folder)
  expect((await readdir(folder)).sort()).toEqual(['lock.json', ownDraft])
  await lock.release()
})

it('leaves a lock alone that another took after a killed one was found', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'lock.json')
  const { pid } = spawnSync(process.execPath, ['--version'])
  await writeFile(file, JSON.stringify({ pid, started: null, host: hostname(), token: 'ended' }))
  const fs = process.getBuiltinModule('node:fs/promises')
  onTestFinished(() => {
    vi.restoreAllMocks()
  })
  let goOn = () => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const { open } = fs
  let hasRead = false
  vi.spyOn(fs, 'open').mockImplementation((async (path: string, flags: number) => {
    const opened = await open(path, flags)
    if (path !== file || hasRead) return opened
    hasRead = true
    // The file stays readable when it is replaced.
    await gate
    return opened
  }) as never)
  const slow = FolderLock.acquire(folder)
  await vi.waitFor(() => expect(hasRead).toBe(true), { timeout: 600_000 })
  const fast = await FolderLock.acquire(folder)
  const missingAfter: string[] = []
  for (const name of ['rename', 'rm'] as const) {
    const change = fs[name] as (...values: unknown[]) => Promise<void>
    vi.spyOn(fs, name).mockImplementation((async (...values: unknown[]) => {
      await change(...values)
      if (!existsSync(file)) missingAfter.push(name)
    }) as never)
  }
  goOn()
  await expect(slow).rejects.toThrow(FolderLockedError)
  expect(missingAfter).toEqual([])
  expect(await fast.isHeld()).toBe(true)
})

it.skipIf(process.platform === 'win32').each([
  ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ['a folder', (path: string) => mkdir(path)],
  ['an endless device', (path: string) => symlink('/dev/zero', path)],
  ['a link to itself', (path: string) => symlink(path, path)],
  ['a link to nothing', (path: string) => symlink('nothing', path)],
  ['a large file', (path: string) => writeFile(path, '').then(() => truncate(path, 2 ** 40))],
])(
  'says that %s in the place of a lock is none, and ignores one in the place of a draft',
  async (_, put) => {
    const folder = await temporaryFolder()
    const file = join(folder, 'lock.json')
    const draft = join(folder, 'lock.json.1-2-3')
    await put(draft)
    const lock = await FolderLock.acquire(folder)
    await lock.release()
    const held = await FolderLock.acquire(folder)
    await rm(file)
    await put(file)
    expect(await held.isHeld()).toBe(false)
    await held.release()
    const error = await FolderLock.acquire(folder).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'FOLDER_LOCKED', isPassing: false })
    expect(String(error)).toContain(`${file} is no lock`)
    expect((await readdir(folder)).sort()).toEqual(['lock.json', 'lock.json.1-2-3'])
  },
)

it.each([
  ['null', 'null'],
  ['a list', '[]'],
  ['half a lock', '{"pid":12'],
  ['numbers that are no process', `{"pid":1e300,"started":null,"host":"${hostname()}"}`],
  ['all processes', `{"pid":-1,"started":null,"host":"${hostname()}"}`],
  ['its own group of processes', `{"pid":0,"started":null,"host":"${hostname()}"}`],
  ['no host', `{"pid":${process.pid},"started":null}`],
  ['a host that is no text', `{"pid":${process.pid},"started":null,"host":{}}`],
])('takes over a lock that holds %s', async (_, text) => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'lock.json'), text)
  const lock = await FolderLock.acquire(folder)
  expect(await lock.isHeld()).toBe(true)
  await lock.release()
  expect(await readdir(folder)).toEqual([])
})

it('names a host that would steer the terminal in letters', async () => {
  const folder = await temporaryFolder()
  const host = '\u001b[2J\u202ehost'
  await writeFile(join(folder, 'lock.json'), JSON.stringify({ pid: 1, started: null, host }))
  const error = await FolderLock.acquire(folder).catch((cause: unknown) => cause)
  expect(String(error)).toContain('on \\u001b[2J\\u202ehost.')
})
