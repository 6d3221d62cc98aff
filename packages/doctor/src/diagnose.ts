import { fork } from 'node:child_process'
import { InvalidOptionsError } from '@gnnrec/graph'
import { awaitCallback } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { backendProgram } from './backend-program.js'
import type { BackendTask } from './backend-task.js'
import type { BackendDiagnosis, Diagnosis } from './diagnosis.js'
import { describeEnvironment } from './environment.js'
import { findProblems } from './find-problems.js'

const schema = z.strictObject({
  backends: z.array(z.enum(['simd', 'tensorflow', 'cpu'])).default(['simd', 'tensorflow']),
  parts: z
    .array(z.enum(['kernels', 'training', 'speed']))
    .default(['kernels', 'training', 'speed']),
  gpu: z.enum(['require', 'allow', 'forbid']).default('allow'),
  threads: z.int().min(1).max(64).optional(),
  timeoutSeconds: z.number().positive().default(600),
  signal: z.instanceof(AbortSignal).optional(),
  onStart: z
    .custom<(backend: string) => unknown>((value) => typeof value === 'function')
    .optional(),
})

/** Options of {@link diagnose}. */
export interface DiagnoseOptions {
  /** The backends to check. @defaultValue ['simd', 'tensorflow'] */
  backends?: readonly BackendDiagnosis['backend'][]
  /** The parts to check of each backend. @defaultValue ['kernels', 'training', 'speed'] */
  parts?: readonly ('kernels' | 'training' | 'speed')[]
  /** Use of a GPU by the backend `tensorflow`: it must, may or must not use one. @defaultValue 'allow' */
  gpu?: 'require' | 'allow' | 'forbid'
  /** Number of threads that compute, 1..64. @defaultValue the default of each backend */
  threads?: number
  /** Seconds after which the check of a backend is ended, > 0. @defaultValue 600 */
  timeoutSeconds?: number
  /** Signal that ends the checks; the promise then rejects with its reason. */
  signal?: AbortSignal
  /** Callback with the name of a backend when its check starts; the check waits for it. */
  onStart?: (backend: string) => unknown
}

/**
 * Describes the machine and checks backends, each in a process of its own: every kernel against the
 * reference, three epochs of a training, the time of a training step, and memory.
 *
 * A backend that is not available is not an error; its entry says why.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 *
 * @example
 * ```ts
 * import { diagnose } from '@gnnrec/doctor'
 *
 * const { environment, problems } = await diagnose({ backends: [] })
 * console.log(environment.cpu, problems)
 * ```
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const parsed = schema.safeParse(options)
  if (!parsed.success) {
    throw new InvalidOptionsError(`diagnose: ${z.prettifyError(parsed.error)}`)
  }
  const { backends, parts, gpu, threads, timeoutSeconds, signal, onStart } = parsed.data
  const environment = describeEnvironment()
  const found: BackendDiagnosis[] = []
  for (const backend of backends) {
    signal?.throwIfAborted()
    if (onStart) await awaitCallback('onStart', () => onStart(backend))
    signal?.throwIfAborted()
    found.push(await checkBackend({ backend, gpu, threads, parts }, timeoutSeconds, signal))
  }
  return { environment, backends: found, problems: findProblems(environment, found) }
}

function checkBackend(
  task: BackendTask,
  timeoutSeconds: number,
  signal: AbortSignal | undefined,
): Promise<BackendDiagnosis> {
  const { backend } = task
  return new Promise((resolve, reject) => {
    const { path, nodeOptions } = backendProgram()
    const worker = fork(path, { execArgv: [...nodeOptions], stdio: ['ignore', 2, 2, 'ipc'] })
    let found: BackendDiagnosis | undefined
    const stop = () => worker.kill('SIGKILL')
    const timer = setTimeout(() => {
      found = { backend, crashed: true, failure: `The check took longer than ${timeoutSeconds} s.` }
      stop()
    }, timeoutSeconds * 1000)
    signal?.addEventListener('abort', stop, { once: true })
    worker.on('message', (message) => {
      found = message as BackendDiagnosis
    })
    worker.on('error', reject)
    worker.on('exit', (code, killedBy) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      if (signal?.aborted) reject(signal.reason)
      else {
        const end = killedBy ? `was ended by ${killedBy}` : `ended with code ${code}`
        const failure = `The process of the check ${end}; the messages above may say why.`
        resolve(found ?? { backend, crashed: true, failure })
      }
    })
    worker.send(task)
  })
}
