import { DownloadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'

/**
 * Holds a file for this process, so that two do not write the same download.
 *
 * @returns what lets go of it
 * @throws DownloadError when another process that runs holds it
 */
export async function holdFile(file: string, address: string): Promise<() => Promise<void>> {
  const { readFile, rm, writeFile } = nodeModule('node:fs/promises')
  const lock = `${file}.lock`
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      return () => rm(lock, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (attempt > 0 || (owner > 0 && isRunning(owner))) {
      throw new DownloadError(
        address,
        'locked',
        `process ${owner} is downloading it to ${file}. Wait for it, or remove ${lock} when it is gone.`,
      )
    }
    // Its owner was killed.
    await rm(lock, { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
