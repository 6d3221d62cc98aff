import { existsSync, readdirSync } from 'node:fs'

/** Returns true when there is a checkpoint in a folder of checkpoints, which may not exist yet. */
export function hasCheckpoints(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => /^checkpoint-\d+$/.test(name))
}
