import { type EpochBatch, GnnRecError, Rng, type SampledGraph } from '@gnnrec/graph'
import {
  type BatchReply,
  type BatchRequest,
  type BatchWork,
  packBatch,
  settingsOfWork,
} from './batch-messages.js'
import { batchSource } from './batch-source.js'

/** The part of a port to the other thread that is used here. */
export interface BatchPort {
  on(event: 'message', listener: (request: BatchRequest) => void): unknown
  postMessage(reply: BatchReply, transfer?: readonly ArrayBuffer[]): void
}

/** Draws batches that are requested over a port. Requests are answered one after the other. */
export function serveBatches(port: BatchPort, work: BatchWork): void {
  const source = batchSource(settingsOfWork(work), Rng.fromState(work.rng))
  let open: { epoch: number; next: number; batches: Iterator<EpochBatch, void> } | undefined

  const answer = async (request: BatchRequest): Promise<void> => {
    if (request.type === 'prepare') {
      await source.prepare?.({ signal: new AbortController().signal })
      port.postMessage({ type: 'prepared' })
      return
    }
    const { epoch, step } = request
    if (open?.epoch !== epoch || open.next !== step) {
      const batches = source.epoch(epoch, { startStep: step }) as Iterable<EpochBatch>
      open = {
        epoch,
        next: step,
        batches: batches[Symbol.iterator]() as Iterator<EpochBatch, void>,
      }
    }
    const { value: batch } = open.batches.next()
    const { skippedDraws } = source
    if (!batch) {
      open = undefined
      port.postMessage({ type: 'batch', batch: null, skippedDraws })
      return
    }
    open.next = batch.step + 1
    const { packed, transfer } = packBatch({ ...batch, sampled: batch.sampled as SampledGraph })
    port.postMessage({ type: 'batch', batch: packed, skippedDraws }, transfer)
  }

  let last = Promise.resolve()
  port.on('message', (request) => {
    last = last
      .then(() => answer(request))
      .catch((error: unknown) => {
        const code = GnnRecError.isInstance(error) ? error.code : undefined
        port.postMessage({ type: 'error', code, message: String((error as Error).message) })
      })
  })
}
