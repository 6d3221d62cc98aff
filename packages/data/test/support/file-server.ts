import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** How one request is answered. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server on this machine that answers its n-th request by the n-th answer, the last one for all others. */
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

/** Where a request with a range wants to begin. */
export function rangeStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
}

/** The file as a good server sends it, with ranges; cut off after `sent` bytes if that is given. */
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
    else response.write(rest.subarray(0, sent), () => setTimeout(() => response.destroy(), 20))
  }
}

/** An error without a body. */
export function failing(status: number): Answer {
  return (_, response) => response.writeHead(status).end()
}
