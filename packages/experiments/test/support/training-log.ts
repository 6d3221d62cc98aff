import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'

/** The log of the only training of a run; empty as long as there is none. */
async function logOf(folder: string): Promise<string> {
  const trials = join(folder, 'trials')
  const [trial] = existsSync(trials) ? await readdir(trials) : []
  const file = join(trials, trial ?? 'none', 'training.jsonl')
  return existsSync(file) ? readFile(file, 'utf8') : ''
}

/** Counts how often the training continued from a checkpoint. */
export async function resumptionsOf(folder: string): Promise<number> {
  return (await logOf(folder)).split('"resumedAfter"').length - 1
}

export async function checkpointsOf(folder: string): Promise<number> {
  return (await logOf(folder)).split('"type":"checkpoint"').length - 1
}

/** Waits until the training has written a checkpoint more than it had. */
export async function untilCheckpoint(folder: string, before: number): Promise<void> {
  await vi.waitFor(async () => expect(await checkpointsOf(folder)).toBeGreaterThan(before), {
    timeout: 600_000,
    interval: 20,
  })
}
