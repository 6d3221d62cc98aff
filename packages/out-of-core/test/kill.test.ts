import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { expect, it } from 'vitest'
import { killedOptions } from './support/killed-options.ts'
import { train } from './support/small-training.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
const script = fileURLToPath(new URL('./support/killed-script.ts', import.meta.url))
const kills = 12

/** When to kill: so many milliseconds after training began, or while the second checkpoint of the process is being written. */
type Moment = number | 'writing' | 'never'

/** Runs the script and gives what it printed, which is nothing when it was killed. */
function run(target: string, moment: Moment): Promise<string> {
  const nodeOptions = ['--conditions=@gnnrec/source', '--import', 'tsx']
  const lastCheckpoint = moment === 'writing' ? ['2'] : []
  const child = spawn(process.execPath, [...nodeOptions, script, target, ...lastCheckpoint])
  let [output, errors] = ['', '']
  let timer: NodeJS.Timeout | undefined
  child.stdout.on('data', (text) => {
    output += text
  })
  child.stderr.on('data', (text) => {
    errors += text
    if (!errors.startsWith('began') || typeof moment === 'string') return
    timer ??= setTimeout(() => child.kill('SIGKILL'), moment)
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0 || signal === 'SIGKILL') resolve(output.trim())
      else reject(new Error(errors))
    })
  })
}

/** Checkpoints that are not whole. */
function drafts(target: string): number {
  const checkpoints = join(target, 'checkpoints')
  if (!existsSync(checkpoints)) return 0
  return readdirSync(checkpoints).filter((name) => name.endsWith('.tmp')).length
}

it(`ends in the same bytes after ${kills} kills at random moments, writing included`, async () => {
  await useBackend('simd', { threads: 1 })
  const whole = await train(killedOptions(join(folder, 'whole')))
  const expected = createHash('sha256').update(JSON.stringify(whole)).digest('hex')
  const rng = Rng.fromSeed(1)
  const target = join(folder, 'killed')
  let [killed, whileWriting] = [0, 0]
  for (let kill = 0; kill < kills; kill++) {
    const output = await run(target, kill % 2 === 0 ? 'writing' : 10 + rng.integer(200))
    killed += Number(output === '')
    whileWriting += Number(drafts(target) > 0)
  }
  expect(killed).toBeGreaterThan(0)
  expect(whileWriting).toBeGreaterThan(0)
  expect(await run(target, 'never')).toBe(expected)
})
