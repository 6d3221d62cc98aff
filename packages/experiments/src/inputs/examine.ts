import { InvalidOptionsError } from '@gnnrec/graph'
import { forkProgram, howItEnded, startClock } from '../pool/fork-program.js'
import type { FromTrial, ToTrial } from '../pool/messages.js'
import { type ExaminedInputs, examineInputs, type InputsRequest } from './examine-inputs.js'

/** Milliseconds after the exit in which the rest of the output is read. */
const readingTime = 1000
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
  const { secondsPerTrial: seconds, megabytesPerTrial: megabytes } = request.definition.budget
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = forkProgram({ output: 'pipe', megabytes })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = `${output}${text}`.slice(-outputKept)
      })
    }
    const end = (settle: () => void) => {
      stopClock()
      signal.removeEventListener('abort', stop)
      child.kill('SIGKILL')
      settle()
    }
    const fail = (how: string) => {
      const message = `The process that loads the modules of this experiment ${how}. Correct the module that does this.`
      end(() => reject(new InvalidOptionsError(message)))
    }
    const stop = () => end(() => reject(signal.reason))
    const stopClock = startClock(child, seconds, () =>
      fail(`did not end within the ${seconds} s of the budget`),
    )
    signal.addEventListener('abort', stop, { once: true })
    child.on('message', (message: FromTrial) => {
      if (message.type === 'examined') end(() => resolve(message.inputs))
    })
    child.on('error', (error) => fail(`cannot start: ${error.message}`))
    child.on('exit', (code, name) => {
      const finish = () => fail(howItEnded({ code, signal: name, output }))
      // The pipes close once all is read, unless a process that the module started keeps them open.
      const patience = setTimeout(finish, readingTime)
      child.on('close', () => {
        clearTimeout(patience)
        finish()
      })
    })
    child.send({ type: 'examine', request } satisfies ToTrial, () => undefined)
  })
}
