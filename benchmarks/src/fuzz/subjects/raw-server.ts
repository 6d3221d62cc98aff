import { readFileSync, statSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

/** Largest file that is sent as it is. */
const mostBytes = 2 ** 26
const endings = ['close', 'reset', 'wait', 'endless'] as const

/**
 * Answers requests with the bytes of files, which hold whole answers of a server: the status, the headers and the body.
 * A changed file can therefore lie about anything. Answers go on as the file `end` says: `close`, `reset`, `wait` (the
 * connection stays open) or `endless` (zeros follow).
 */
export class RawServer {
  readonly #server = createServer((socket) => this.#serve(socket))
  readonly #sockets = new Set<Socket>()
  readonly #answerTo: (path: string, request: number) => string
  readonly #folder: string
  #requests = 0

  private constructor(folder: string, answerTo: (path: string, request: number) => string) {
    this.#folder = folder
    this.#answerTo = answerTo
  }

  /**
   * Starts a server on this machine.
   *
   * @param folder - folder of the answers and of the file `end`
   * @param answerTo - returns the name of the answer to a path, given the number of the request, from 0
   */
  static async start(
    folder: string,
    answerTo: (path: string, request: number) => string,
  ): Promise<RawServer> {
    const server = new RawServer(folder, answerTo)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends all connections. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let head = ''
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (piece) => {
      head += piece.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      const [, path = '/'] = /^GET (\S+)/.exec(head) ?? []
      head = ''
      const answer = this.#bytesOf(this.#answerTo(path, this.#requests++))
      const ending = Buffer.from(this.#bytesOf('end')).toString('latin1').trim()
      socket.write(answer, () => end(socket, ending))
    })
  }

  /** Returns the bytes of a file; none of a pipe, a device or a file that is too large. */
  #bytesOf(name: string): Uint8Array {
    const path = join(this.#folder, name)
    try {
      const facts = statSync(path)
      return facts.isFile() && facts.size <= mostBytes ? readFileSync(path) : new Uint8Array()
    } catch {
      return new Uint8Array()
    }
  }
}

function end(socket: Socket, ending: string): void {
  switch (endings.find((each) => each === ending)) {
    case 'reset':
      socket.resetAndDestroy()
      return
    case 'wait':
      return
    case 'endless': {
      const zeros = Buffer.alloc(2 ** 16)
      const write = () => {
        while (socket.writable && socket.write(zeros));
      }
      socket.on('drain', write)
      write()
      return
    }
    default:
      socket.end()
  }
}

/** Returns an answer with a body. */
export function rawAnswer(
  status: string,
  headers: Readonly<Record<string, string | number>>,
  body: Uint8Array,
): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return new Uint8Array(
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`, 'latin1'), body]),
  )
}
