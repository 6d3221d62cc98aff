import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { InvalidOptionsError } from '@gnnrec/graph'
import * as z from 'zod'
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
  onStart: z.custom<(backend: string) => void>((value) => typeof value === 'function').optional(),
})

/** Options of {@link diagnose}. */
export interface DiagnoseOptions {
  /** Backends to check. @defaultValue ['simd', 'tensorflow'] */
  backends?: readonly BackendDiagnosis['backend'][]
  /** What to check of each. @defaultValue all three */
  parts?: readonly ('kernels' | 'training' | 'speed')[]
  /** Whether `tensorflow` must, may or must not use a GPU. @defaultValue 'allow' */
  gpu?: 'require' | 'allow' | 'forbid'
  /** Threads that compute, 1..64. @defaultValue each backend's own */
  threads?: number
  /** Seconds after which the check of a backend is given up. @defaultValue 600 */
  timeoutSeconds?: number
  /** Ends the checks. */
  signal?: AbortSignal
  /** Called with a backend's name when its check starts. */
  onStart?: (backend: string) => void
}

/**
 * Says what the machine has, and checks backends, each in a process of its own: every kernel against the
 * reference, three epochs of a training, a small timing, memory.
 *
 * A backend that cannot be had is no error: its entry says why.
 *
 * @throws InvalidOptionsError when an option is wrong
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
    onStart?.(backend)
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
    const { path, nodeOptions } = workerFile()
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
        const failure = `Its process ${end}; the messages above may say why.`
        resolve(found ?? { backend, crashed: true, failure })
      }
    })
    worker.send(task)
  })
}

/** In the sources the worker is TypeScript, which tsx runs. */
function workerFile(): { path: string; nodeOptions: readonly string[] } {
  if (!import.meta.url.endsWith('.ts')) {
    return { path: fileURLToPath(new URL('./backend-worker.js', import.meta.url)), nodeOptions: [] }
  }
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return {
    path: fileURLToPath(new URL('./backend-worker.ts', import.meta.url)),
    nodeOptions: ['--conditions=@gnnrec/source', `--import=${loader}`],
  }
}
