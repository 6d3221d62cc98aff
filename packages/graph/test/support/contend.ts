// A process that takes the lock of a folder many times, together with others. One time in three it
// leaves the lock of a process that was killed. Prints how often it was in the folder with another.
import { rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { FolderLock, FolderLockedError } from '../../src/files.js'

const [folder = '', rounds = '0', endedPid = '0'] = process.argv.slice(2)
const inside = join(folder, 'inside')
let meetings = 0

for (let round = 0; round < Number(rounds); ) {
  const lock = await FolderLock.acquire(folder).catch((error: unknown) => {
    if (!(error instanceof FolderLockedError)) throw error
  })
  await setImmediate()
  if (!lock) continue
  round++
  const isAlone = await writeFile(inside, '', { flag: 'wx' }).then(
    () => true,
    () => false,
  )
  if (!isAlone || !(await lock.isHeld())) meetings++
  await setImmediate()
  if (isAlone) await rm(inside, { force: true })
  if (round % 3 === 0) {
    const ended = {
      pid: Number(endedPid),
      started: null,
      host: hostname(),
      token: `${process.pid}-${round}`,
    }
    const draft = join(folder, `ended-${process.pid}`)
    await writeFile(draft, JSON.stringify(ended))
    await rename(draft, join(folder, 'lock.json'))
  } else await lock.release()
}
process.stdout.write(`${meetings}\n`)
