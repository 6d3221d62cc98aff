import { ExperimentRunner, LocalPool } from '@gnnrec/experiments'
import { afterEach, expect, it, vi } from 'vitest'
import { small } from '../support/definitions.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const fs = process.getBuiltinModule('node:fs/promises')

afterEach(() => {
  vi.restoreAllMocks()
})

it('a lock that cannot be read when the run ends is an error of its folder', async () => {
  const folder = await temporaryFolder()
  const real = fs.open as (...given: unknown[]) => Promise<unknown>
  vi.spyOn(fs, 'open').mockImplementation((async (...given: unknown[]) => {
    const [path, flags] = given
    if (!/lock\.json$/.test(String(path)) || typeof flags === 'string') return real(...given)
    const refused = { code: 'EACCES', syscall: 'open' }
    throw Object.assign(new Error('EACCES: permission denied, open'), refused)
  }) as never)
  const runner = new ExperimentRunner({
    definition: { ...small, seeds: [1], models: [{ model: 'popularity' }] },
    folder,
    progress: 'none',
    pool: new LocalPool({ parallel: 1, threads: 1 }),
  })
  await expect(runner.run()).rejects.toMatchObject({
    name: 'ExperimentFolderError',
    message: expect.stringContaining('EACCES: permission denied'),
  })
})
