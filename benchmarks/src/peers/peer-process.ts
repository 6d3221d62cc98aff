import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** An answer to a request; its fields depend on the action. */
export type Answer = Readonly<Record<string, unknown>>

/**
 * Another program that does the same work; requests and answers are lines of JSON, see
 * `python/peer.py`.
 */
export class PeerProcess {
  /** Name and version of the program in its own words. */
  readonly about: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  readonly #errors: readonly string[]

  /** Starts a script of the folder `python`, which reads the files of a folder. */
  static python(
    python: string,
    script: string,
    folder: string,
    threads: number,
  ): Promise<PeerProcess> {
    const path = fileURLToPath(new URL(`python/${script}`, import.meta.url))
    return PeerProcess.start(python, [path], folder, threads)
  }

  /** Starts a script of the folder `javascript` in the way that this process was started. */
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

  /**
   * Waits until the program is ready.
   *
   * @throws Error with the output of the program when it ends before it is ready
   */
  static async start(
    command: string,
    args: readonly string[],
    folder: string,
    threads: number,
    given: readonly string[] = [],
  ): Promise<PeerProcess> {
    const env = peerEnvironment(threads)
    // Some libraries write logs into the working directory.
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

  /**
   * Sends a request and waits for the answer.
   *
   * @throws Error with the output of the program when it ends instead of answering
   */
  request(action: string, given: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify({ do: action, ...given })}\n`)
    return answerOf(this.#lines, this.#errors)
  }

  /** Returns the seconds of one run by the program's own clock. */
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
    // Some libraries print lines that are no answers.
    if (value.startsWith('{')) return JSON.parse(value)
  }
}

/** Returns the line that names an error, or else the last lines. */
function lastWords(errors: readonly string[]): string {
  const lines = errors.join('').trim().split('\n')
  return lines.filter((line) => /^\w*Error\b/.test(line)).at(-1) ?? lines.slice(-3).join('\n')
}

/**
 * Returns this process's environment with the number of threads fixed and with the BLAS kernels of
 * the processor.
 */
function peerEnvironment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...env } = process.env
  const pinned = ['OMP', 'MKL', 'OPENBLAS', 'NUMEXPR'].map((name) => [
    `${name}_NUM_THREADS`,
    String(threads),
  ])
  return { ...env, ...Object.fromEntries(pinned) }
}
