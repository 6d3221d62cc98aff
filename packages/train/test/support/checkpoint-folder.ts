import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

const made: string[] = []

/** A new folder that is removed after the test; call it in a test of a file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-train-'))
  made.push(folder)
  return folder
}

/** Registers the removal of {@link temporaryFolder}s. */
export function removeFoldersAfterEach(): void {
  afterEach(async () => {
    for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
  })
}

/** Numbers of the checkpoints in a folder. */
export async function checkpointsIn(folder: string): Promise<number[]> {
  return (await readdir(folder))
    .filter((name) => /^checkpoint-\d+$/.test(name))
    .map((name) => Number(name.slice('checkpoint-'.length)))
    .sort((a, b) => a - b)
}
