import { join } from 'node:path'
import type { Trial } from './trial.js'

/** Returns the folder of a trial inside the runner's. */
export function trialFolder({ folder }: Trial, root: string): string {
  return join(root, 'trials', folder)
}

/** Returns the folder of a trial's saved model inside the runner's. */
export function savedModelFolder(trial: Trial, root: string): string {
  return join(trialFolder(trial, root), 'model')
}
