import { fork } from 'node:child_process'
import { InvalidOptionsError } from '@gnnrec/graph'
import type { FromTrial, ToTrial } from '../pool/messages.js'
import { trialProgram } from '../trial-program.js'
import { type ExaminedInputs, examineInputs, type InputsRequest } from './examine-inputs.js'

/** Number of characters of the output that an error keeps. */
const outputKept = 2000

/**
 * Examines the data and the models of a definition; see {@link examineInputs}. Modules run in a process
 * of their own.
 *
 * @throws InvalidOptionsError when the process of a module ends without an answer or takes longer than
 * a trial may take
 * @throws the reason of `signal` once it is aborted
 */
export function examine(request: InputsRequest, signal: AbortSignal): Promise<ExaminedInputs> {
  const { models, datasets } = request.definition
  const hasModules = [...models, ...datasets].some(({ module }) => module !== undefined)
  return hasModules ? examineInProcess(request, signal) : examineInputs(request, signal)
}

function examineInProcess(request: InputsRequest, signal: AbortSignal): Promise<ExaminedInputs> {
  const { path, nodeOptions } = trialProgram()
  const { secondsPerTrial: seconds, megabytesPerTrial: megabytes } = request.definition.budget
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = fork(path, {
      execArgv: [
        ...nodeOptions,
        ...(megabytes === undefined ? [] : [`--max-old-space-size=${Math.ceil(megabytes)}`]),
      ],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = `${output}${text}`.slice(-outputKept)
      })
    }
    const end = (settle: () => void) => {
      clearTimeout(clock)
      signal.removeEventListener('abort', stop)
      child.kill('SIGKILL')
      settle()
    }
    const fail = (how: string) => {
      const last = output.trim().split('\n').at(-1)
      const message = `The process that loads the modules of this experiment ${how}${last ? `; it wrote: ${last}` : ''}. Correct the module that does this.`
      end(() => reject(new InvalidOptionsError(message)))
    }
    const stop = () => end(() => reject(signal.reason))
    const clock =
      seconds === undefined
        ? undefined
        : setTimeout(
            () => fail(`did not end within the ${seconds} s of the budget`),
            seconds * 1000,
          )
    signal.addEventListener('abort', stop, { once: true })
    child.on('message', (message: FromTrial) => {
      if (message.type === 'examined') end(() => resolve(message.inputs))
    })
    child.on('error', (error) => fail(`cannot start: ${error.message}`))
    child.on('exit', (code, name) =>
      fail(name ? `was ended by ${name}` : `exited with code ${code}`),
    )
    child.send({ type: 'examine', request } satisfies ToTrial, () => undefined)
  })
}
