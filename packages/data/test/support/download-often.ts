// A process that downloads files together with others, which begin each round at the same time. Prints
// how often a file was not whole.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { downloadFile } from '../../src/index.js'

const [address, folder = '', name, count, rounds, wanted, endedPid] = process.argv.slice(2)
let wrong = 0

for (let round = 0; round < Number(rounds); round++) {
  const file = join(folder, `file-${round}.bin`)
  // In every other round they find the lock of a process that was killed.
  const ended = { pid: Number(endedPid), started: null, host: hostname(), token: 'ended' }
  if (round % 2 === 1 && name === '0') writeFileSync(`${file}.lock`, JSON.stringify(ended))
  writeFileSync(join(folder, `ready-${round}-${name}`), '')
  const others = Array.from({ length: Number(count) }, (_, i) =>
    join(folder, `ready-${round}-${i}`),
  )
  while (!others.every(existsSync)) await setTimeout(1)
  const found = await downloadFile({ address: `${address}?${round}`, file, progress: 'none' })
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex')
  if (digest !== wanted || found.sha256 !== wanted) wrong++
}
process.stdout.write(`${wrong}\n`)
