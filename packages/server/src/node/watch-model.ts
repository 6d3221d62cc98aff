import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyBaseLogger } from 'fastify'
import type { ModelSlot } from '../models/model-slot.js'

/**
 * Looks again and again whether another model was saved to the folder of a slot, and lets it answer. It asks the file
 * system for the state of `model.json`, which works on network drives and in containers, where notices of changes get lost.
 * Call it before the first model is loaded, so that one that is saved meanwhile is found.
 *
 * @returns a function that ends the looking and waits for an exchange that goes on
 */
export async function watchModel(
  slot: ModelSlot,
  seconds: number,
  log: FastifyBaseLogger,
): Promise<() => Promise<void>> {
  const folder = folderOf(slot.place)
  if (folder === undefined || seconds === 0) return async () => undefined
  const file = join(folder, 'model.json')
  let tried = await stateOf(file)
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let look: Promise<void> = Promise.resolve()

  const lookOnce = async () => {
    const state = await stateOf(file)
    // While somebody else exchanges the model, the next look comes back to it.
    if (state === tried || slot.isSwapping) return
    tried = state
    await exchange(slot, log)
  }
  const plan = () => {
    timer = setTimeout(() => {
      look = lookOnce()
        .catch((err: unknown) => log.error({ err }, 'looking for another model failed'))
        .finally(() => {
          if (!isStopped) plan()
        })
    }, seconds * 1000)
    timer.unref()
  }
  plan()
  return async () => {
    isStopped = true
    clearTimeout(timer)
    await look
  }
}

async function exchange(slot: ModelSlot, log: FastifyBaseLogger): Promise<void> {
  try {
    const hasChanged = await slot.swap()
    if (hasChanged) log.info({ model: slot.current?.fingerprint }, 'another model answers')
  } catch (err) {
    log.error({ err, model: slot.current?.fingerprint }, 'the model stays as it was')
  }
}

async function stateOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file)
    return [ino, size, mtimeMs, ctimeMs].join(' ')
  } catch {
    return 'missing'
  }
}

function folderOf(place: string | undefined): string | undefined {
  if (place === undefined || /^https?:\/\//i.test(place)) return undefined
  return /^file:\/\//i.test(place) ? fileURLToPath(place) : place
}
