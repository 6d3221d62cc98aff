import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileDraft, FolderLock, replaceFile } from '../../src/files.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnnrec-files-'))
})
afterEach(() => rm(folder, { recursive: true }))

const files = fileURLToPath(new URL('../../src/files.ts', import.meta.url))

/** Runs code in a process of its own that says "ready" and is killed then. */
async function killedAt(code: string): Promise<void> {
  const text = `import { FileDraft, FolderLock } from ${JSON.stringify(files)}
    import fs from 'node:fs/promises'
    const folder = ${JSON.stringify(folder)}
    ${code}
    process.stdout.write('ready')
    setInterval(() => {}, 1000)`
  const child = spawn(
    process.execPath,
    ['--conditions=@gnnrec/source', '--import', 'tsx', '--input-type=module', '-e', text],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = new Promise((resolve) => child.on('close', resolve))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('close', () => reject(new Error('The process ended by itself.')))
  })
  child.kill('SIGKILL')
  await ended
}

describe('what a killed process leaves', () => {
  it('of a file goes with the next write of it, and nothing else does', async () => {
    await killedAt(`await (await FileDraft.create(folder + '/report.html')).write('half')`)
    const others = ['report.html.tmp', 'report.html.12.tmp', 'report.html.bak', 'my-report.html']
    for (const name of others) await writeFile(join(folder, name), 'mine')
    expect(await readdir(folder)).toHaveLength(others.length + 1)
    const own = await FileDraft.create(join(folder, 'report.html'))
    const second = await FileDraft.create(join(folder, 'report.html'))
    expect(await readdir(folder)).toHaveLength(others.length + 2)
    await own.discard()
    await second.discard()
    await replaceFile(join(folder, 'report.html'), 'whole')
    expect((await readdir(folder)).sort()).toEqual([...others, 'report.html'].sort())
  })

  it('of a lock goes with the next lock', async () => {
    await killedAt(`await new Promise((written) => {
      fs.link = () => new Promise(written)
      void FolderLock.acquire(folder)
    })`)
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^lock\.json\.\d/)])
    const lock = await FolderLock.acquire(folder)
    expect(await readdir(folder)).toEqual(['lock.json'])
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('stays when another machine may still be writing it', async () => {
    const name = `report.html.${'1'.repeat(10)}-4711-${'2'.repeat(10)}-12345678-1234.tmp`
    await writeFile(join(folder, name), 'half')
    await replaceFile(join(folder, 'report.html'), 'whole')
    expect((await readdir(folder)).sort()).toEqual(['report.html', name])
  })

  it.skipIf(process.platform !== 'linux')(
    'goes although a later process has the same number',
    async () => {
      const path = join(folder, 'report.html')
      const draft = await FileDraft.create(path)
      const [name] = await readdir(folder)
      const earlier = name.replace(/-\d{10}-/, `-${'1'.repeat(10)}-`)
      expect(earlier).not.toBe(name)
      await rename(join(folder, name), join(folder, earlier))
      await replaceFile(path, 'whole')
      expect(await readdir(folder)).toEqual(['report.html'])
      await draft.discard()
    },
  )
})

describe('a draft in work', () => {
  it('stays when another copy of the package, or another thread, writes the same file', async () => {
    const path = join(folder, 'report.html')
    const draft = await FileDraft.create(path)
    await draft.write('first')
    vi.resetModules()
    const other = await import('../../src/files.js')
    expect(other.FileDraft).not.toBe(FileDraft)
    const second = await other.FileDraft.create(path)
    expect(await readdir(folder)).toHaveLength(2)
    await second.write('second')
    await second.publish()
    expect(await readFile(path, 'utf8')).toBe('second')
    await draft.publish()
    expect(await readFile(path, 'utf8')).toBe('first')
    expect(await readdir(folder)).toEqual(['report.html'])
  })
})
