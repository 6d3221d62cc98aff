import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/graph/ops'
import { expect, it } from 'vitest'
import { smallOptions, train } from './support/small-training.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
const script = fileURLToPath(new URL('./support/killed-script.ts', import.meta.url))
const KILLS = 10

/** Runs the script, kills it after so many milliseconds from its first file on, and gives what it printed. */
function run(target: string, killAfter: number | undefined): Promise<string> {
  const nodeOptions = ['--conditions=@gnnrec/source', '--import', 'tsx']
  const child = spawn(process.execPath, [...nodeOptions, script, target])
  let [output, errors] = ['', '']
  child.stdout.on('data', (text) => {
    output += text
  })
  child.stderr.on('data', (text) => {
    errors += text
  })
  const poll = setInterval(() => {
    if (killAfter === undefined || !existsSync(join(target, 'work'))) return
    clearInterval(poll)
    setTimeout(() => child.kill('SIGKILL'), killAfter)
  }, 2)
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearInterval(poll)
      if (code === 0 || signal === 'SIGKILL') resolve(output.trim())
      else reject(new Error(errors))
    })
  })
}

it(`ends in the same bytes after ${KILLS} kills at random moments`, {
  timeout: 300_000,
}, async () => {
  await useBackend('simd', { threads: 1 })
  const whole = await train(smallOptions(join(folder, 'whole')))
  const expected = createHash('sha256').update(JSON.stringify(whole)).digest('hex')
  const rng = Rng.fromSeed(1)
  const target = join(folder, 'killed')
  let drafts = 0
  for (let kill = 0; kill < KILLS; kill++) {
    await run(target, 20 + rng.integer(300))
    const checkpoints = join(target, 'checkpoints')
    const names = existsSync(checkpoints) ? readdirSync(checkpoints) : []
    if (names.some((name) => name.endsWith('.tmp'))) drafts++
  }
  expect(drafts).toBeGreaterThan(0)
  expect(await run(target, undefined)).toBe(expected)
})
