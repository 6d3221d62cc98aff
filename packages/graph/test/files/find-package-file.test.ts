import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { findPackageFile } from '../../src/files.js'

async function installed(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gnnrec-find-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'node_modules/a/dist'), { recursive: true })
  await writeFile(join(folder, 'node_modules/a/dist/program.js'), '')
  return folder
}

it('finds a file beside the module that asks', async () => {
  const folder = await installed()
  const dist = join(folder, 'node_modules/a/dist')
  const address = pathToFileURL(join(dist, 'index.js')).href
  expect(findPackageFile('a', 'dist/program.js', address)).toBe(join(dist, 'program.js'))
})

it.each([
  ['moved', (folder: string) => pathToFileURL(join(folder, 'bundle/main.js')).href],
  ['moved and written as CommonJS', () => undefined],
])('finds it from the working folder for a module that was %s', async (_, addressIn) => {
  const folder = await installed()
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  onTestFinished(() => {
    vi.restoreAllMocks()
  })
  const found = findPackageFile('a', 'dist/program.js', addressIn(folder))
  expect(found).toBe(join(folder, 'node_modules/a/dist/program.js'))
})

it('says what to do when the file is nowhere', () => {
  expect(() => findPackageFile('no-such-package', 'dist/program.js', undefined)).toThrow(
    expect.objectContaining({
      code: 'PACKAGE_FILE_MISSING',
      message: expect.stringContaining('--external:no-such-package'),
    }),
  )
})
