import { join } from 'node:path'
import { type CompletedTrial, ExperimentRunner, type TrialResult } from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { long } from '../support/definitions.js'
import { startScript } from '../support/processes.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import { checkpointsOf, resumptionsOf, untilCheckpoint } from '../support/training-log.js'

const runScript = new URL('../support/run-script.ts', import.meta.url)

/** Starts the script and waits until it has written a checkpoint. */
async function startAndWait(folder: string) {
  const before = await checkpointsOf(folder)
  const script = startScript(runScript, folder)
  await untilCheckpoint(folder, before)
  return script
}

function onlyResult(results: readonly TrialResult[]): CompletedTrial {
  expect(results).toHaveLength(1)
  expect(results[0].status, JSON.stringify(results[0])).toBe('completed')
  return results[0] as CompletedTrial
}

it('is interrupted and killed, and goes on to the end that it would have had', async () => {
  const folder = await temporaryFolder()
  const undisturbed = await new ExperimentRunner({
    definition: long,
    folder: join(folder, 'undisturbed'),
    progress: 'none',
  }).run()
  const whole = onlyResult(undisturbed.results)

  // Stopped by a signal in this process.
  const disturbed = join(folder, 'disturbed')
  const controller = new AbortController()
  const stopped = await new ExperimentRunner({
    definition: long,
    folder: disturbed,
    progress: 'none',
    checkpointSeconds: 0.2,
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

  const last = await startScript(runScript, disturbed).end
  const { results, stopped: again } = JSON.parse(last.output)
  expect(again).toBe(false)
  const { test, validation, bestEpoch, epochs } = onlyResult(results)
  expect({ test, validation, bestEpoch, epochs }).toEqual({
    test: whole.test,
    validation: whole.validation,
    bestEpoch: whole.bestEpoch,
    epochs: whole.epochs,
  })
  expect(await resumptionsOf(disturbed)).toBe(3)
})
