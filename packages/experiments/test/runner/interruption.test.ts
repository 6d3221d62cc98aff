import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CompletedTrial, ExperimentRunner, type TrialResult } from '@gnnrec/experiments'
import { expect, it, vi } from 'vitest'
import { workerFile } from '../../src/worker-file.js'
import { long } from '../support/definitions.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const script = fileURLToPath(new URL('../support/run-script.ts', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
}

function startScript(folder: string): { child: ChildProcess; end: Promise<Ended> } {
  const child = spawn(process.execPath, [...workerFile().nodeOptions, script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout?.on('data', (text) => {
    output += text
  })
  const end = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output })),
  )
  return { child, end }
}

/** The log of the only training of a run. */
async function logOf(folder: string): Promise<string> {
  const trials = join(folder, 'trials')
  const [trial] = existsSync(trials) ? await readdir(trials) : []
  const file = join(trials, trial ?? 'none', 'training.jsonl')
  return existsSync(file) ? readFile(file, 'utf8') : ''
}

async function checkpointsOf(folder: string): Promise<number> {
  return (await logOf(folder)).split('"type":"checkpoint"').length - 1
}

/** Starts the script and waits until it has written a checkpoint. */
async function startAndWait(folder: string) {
  const before = await checkpointsOf(folder)
  const script = startScript(folder)
  await vi.waitFor(async () => expect(await checkpointsOf(folder)).toBeGreaterThan(before), {
    ...{ timeout: 90_000, interval: 20 },
  })
  return script
}

function onlyResult(results: readonly TrialResult[]): CompletedTrial {
  expect(results).toHaveLength(1)
  expect(results[0].status, JSON.stringify(results[0])).toBe('completed')
  return results[0] as CompletedTrial
}

it('is interrupted and killed, and goes on to the end that it would have had', {
  timeout: 400_000,
}, async () => {
  const folder = await temporaryFolder()
  const undisturbed = await new ExperimentRunner({
    ...{ definition: long, folder: join(folder, 'undisturbed'), progress: 'none' },
  }).run()
  const whole = onlyResult(undisturbed.results)

  // Stopped by a signal in this process.
  const disturbed = join(folder, 'disturbed')
  const controller = new AbortController()
  const stopped = await new ExperimentRunner({
    ...{ definition: long, folder: disturbed, progress: 'none', checkpointSeconds: 0.2 },
    onEvent: (event) => {
      if (event.type === 'epoch' && event.report.epoch === 3) controller.abort()
    },
  }).run({ signal: controller.signal })
  expect(stopped).toMatchObject({ stopped: true, results: [] })

  // Interrupted by Ctrl-C.
  const interrupted = await startAndWait(disturbed)
  interrupted.child.kill('SIGINT')
  const { code, output } = await interrupted.end
  expect(code).toBe(0)
  expect(JSON.parse(output)).toEqual({ results: [], stopped: true })

  // Killed; the next run starts at once, while the process of the trial is still on its way out.
  const killed = await startAndWait(disturbed)
  killed.child.kill('SIGKILL')
  expect((await killed.end).signal).toBe('SIGKILL')

  const last = await startScript(disturbed).end
  const { results, stopped: again } = JSON.parse(last.output)
  expect(again).toBe(false)
  const { test, validation, bestEpoch, epochs } = onlyResult(results)
  expect({ test, validation, bestEpoch, epochs }).toEqual({
    ...{ test: whole.test, validation: whole.validation },
    ...{ bestEpoch: whole.bestEpoch, epochs: whole.epochs },
  })
  const starts = (await logOf(disturbed)).split('"resumedAfter"').length - 1
  expect(starts).toBe(3)
})
