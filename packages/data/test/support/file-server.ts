import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A function that answers one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** Starts a server on this machine. It answers its n-th request by the n-th answer, and later ones by the last. */
export async function serve(
  ...answers: readonly Answer[]
): Promise<{ address: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    response.on('error', () => {})
    answers[Math.min(requests.length, answers.length) - 1](request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}/file.bin`, requests }
}

/** Returns the first position of the range that a request asks for, or 0. */
export function rangeStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
}

/** Answers with the file or the requested range. When `sent` is given, the connection ends after so many bytes. */
export function whole(
  content: Uint8Array,
  {
    etag = '"v1"',
    sent = Number.POSITIVE_INFINITY,
  }: { etag?: string | undefined; sent?: number } = {},
): Answer {
  return (request, response) => {
    const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
    const start = isSame ? rangeStart(request) : 0
    const rest = content.subarray(start)
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': rest.length,
      ...(etag && { etag }),
      ...(start > 0 && {
        'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
      }),
    })
    if (sent >= rest.length) response.end(rest)
    else response.write(rest.subarray(0, sent), () => endEarly(response))
  }
}

/**
 * Ends the connection before the answer is complete. The bytes so far arrive, since the connection is not
 * reset, which would drop what the reader has not read yet.
 */
export function endEarly(response: ServerResponse): void {
  response.socket?.end()
}

/** Answers with an error status and no body. */
export function failing(status: number): Answer {
  return (_, response) => response.writeHead(status).end()
}
