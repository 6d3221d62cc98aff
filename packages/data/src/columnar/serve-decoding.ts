import type { MessagePort } from 'node:worker_threads'
import type { InteractionTable } from '@gnnrec/graph'
import type { FileSource } from '../sources/file-source.js'
import { decodeArrow } from './decode-arrow.js'
import { decodeParquet } from './decode-parquet.js'
import type {
  Decoded,
  DecodeRequest,
  SentError,
  SentSystemError,
  SentTable,
  ThreadMessage,
  ThreadReply,
} from './requests.js'

/** The time between two signs of life, in milliseconds. They stop while a decoder is busy. */
const aliveMilliseconds = 500

/** Answers the requests that arrive at a port, one after the other. */
export function serveDecoding(port: MessagePort): void {
  let onPiece = (_: Uint8Array | undefined): void => {}
  const reply = (message: ThreadReply, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer)
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = new Promise<Uint8Array | undefined>((resolve) => {
        onPiece = resolve
      })
      reply('next piece')
      const piece = await next
      if (piece === undefined) return
      yield piece
    }
  }
  port.on('message', (message: ThreadMessage) => {
    if ('piece' in message) {
      onPiece(message.piece)
      return
    }
    const { request } = message
    reply('alive')
    const alive = setInterval(() => reply('alive'), aliveMilliseconds)
    decode(request, (request.source as FileSource | undefined) ?? pieces())
      .then(
        (decoded) => {
          if ('sample' in decoded) reply(decoded)
          else reply({ table: sentTable(decoded.table) }, buffersOf(decoded.table))
        },
        (cause: unknown) => reply({ error: sentError(cause) }),
      )
      .finally(() => clearInterval(alive))
  })
}

function decode(request: DecodeRequest, source: FileSource): Promise<Decoded> {
  return request.format === 'Parquet'
    ? decodeParquet(source, request)
    : decodeArrow(source, request)
}

function sentTable({
  users,
  items,
  userIndex,
  itemIndex,
  rating,
  timestamp,
  weight,
}: InteractionTable): SentTable {
  return { users: users.ids, items: items.ids, userIndex, itemIndex, rating, timestamp, weight }
}

function buffersOf(table: InteractionTable): ArrayBuffer[] {
  const { userIndex, itemIndex, rating, timestamp, weight } = table
  return [userIndex, itemIndex, rating, timestamp, weight].flatMap((column) =>
    column === undefined ? [] : [column.buffer as ArrayBuffer],
  )
}

function sentError(cause: unknown): SentError {
  const { code, message, file, dependency, cause: inner } = cause as SentError
  const sent = { code, message: message ?? String(cause), file, dependency }
  return inner instanceof Error ? { ...sent, cause: sentSystemError(inner) } : sent
}

function sentSystemError({ message, code, errno, syscall, path }: SentSystemError) {
  return { message, code, errno, syscall, path }
}
