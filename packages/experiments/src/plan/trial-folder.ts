import { join } from 'node:path'
import type { Trial } from './trial.js'

/** The folder of a trial in the runner's. */
export function trialFolder({ folder }: Trial, root: string): string {
  return join(root, 'trials', folder)
}
