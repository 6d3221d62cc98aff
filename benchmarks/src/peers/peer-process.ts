import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** An answer to a request; what is in it depends on the action. */
export type Answer = Readonly<Record<string, unknown>>

/** Another program that does the same work when it is asked to, line by line; see `python/peer.py`. */
export class PeerProcess {
  /** What the program is, in its own words. */
  readonly about: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  readonly #errors: readonly string[]

  /** A script of the folder `python`, on files of a folder. */
  static python(
    python: string,
    script: string,
    folder: string,
    threads: number,
  ): Promise<PeerProcess> {
    const path = fileURLToPath(new URL(`python/${script}`, import.meta.url))
    return PeerProcess.start(python, [path], folder, threads)
  }

  /** A script of the folder `javascript`, as this process runs its own. */
  static javascript(
    script: string,
    folder: string,
    threads: number,
    ...given: readonly string[]
  ): Promise<PeerProcess> {
    const path = fileURLToPath(new URL(`javascript/${script}`, import.meta.url))
    const loader = fileURLToPath(import.meta.resolve('tsx'))
    const node = process.execArgv.filter((flag) => flag.startsWith('--conditions'))
    return PeerProcess.start(
      process.execPath,
      [...node, '--import', loader, path],
      folder,
      threads,
      given,
    )
  }

  /** @throws Error with what the program printed when it ends before it is ready */
  static async start(
    command: string,
    args: readonly string[],
    folder: string,
    threads: number,
    given: readonly string[] = [],
  ): Promise<PeerProcess> {
    const env = peerEnvironment(threads)
    // Some libraries write logs to where they are started.
    const child = spawn(command, [...args, folder, String(threads), ...given], { env, cwd: folder })
    const errors: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
    child.once('error', (error) => errors.push(error.message))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const { about } = await answerOf(lines, errors)
    return new PeerProcess(child, lines, errors, String(about))
  }

  private constructor(
    child: ChildProcessWithoutNullStreams,
    lines: AsyncIterator<string>,
    errors: readonly string[],
    about: string,
  ) {
    this.#child = child
    this.#lines = lines
    this.#errors = errors
    this.about = about
  }

  /** @throws Error with what the program printed when it ends instead of answering */
  request(action: string, given: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify({ do: action, ...given })}\n`)
    return answerOf(this.#lines, this.#errors)
  }

  /** Seconds that one run took, by the program's own clock. */
  async seconds(given: Readonly<Record<string, unknown>> = {}): Promise<number> {
    return Number((await this.request('time', given))['seconds'])
  }

  async dispose(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin.end()
    await ended
  }
}

async function answerOf(lines: AsyncIterator<string>, errors: readonly string[]): Promise<Answer> {
  for (;;) {
    const { done, value } = await lines.next()
    if (done) throw new Error(lastWords(errors))
    // Some libraries print notes of their own.
    if (value.startsWith('{')) return JSON.parse(value)
  }
}

/** The line that names an error, or the last ones. */
function lastWords(errors: readonly string[]): string {
  const lines = errors.join('').trim().split('\n')
  return lines.filter((line) => /^\w*Error\b/.test(line)).at(-1) ?? lines.slice(-3).join('\n')
}

/** This process's environment with threads pinned, and with the BLAS kernels that fit the processor. */
function peerEnvironment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...env } = process.env
  const pinned = ['OMP', 'MKL', 'OPENBLAS', 'NUMEXPR'].map((name) => [
    `${name}_NUM_THREADS`,
    String(threads),
  ])
  return { ...env, ...Object.fromEntries(pinned) }
}
