import { CommanderError } from 'commander'
import { makeProgram } from './program.js'

/** Exit codes; `--help` tells them. */
const exitCodes = { failed: 1, wrongUse: 2, interrupted: 130 } as const

/** Runs the command with its arguments and sets the exit code of the process. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const interrupt = new AbortController()
  const stop = () => interrupt.abort(new Error('interrupted'))
  // A second Ctrl-C ends the process, as it would without this.
  process.once('SIGINT', stop)
  // What is written after a reader has gone is lost, which is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  try {
    await makeProgram(interrupt.signal).parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = await exitCodeOf(error, args, interrupt.signal)
  } finally {
    process.removeListener('SIGINT', stop)
  }
}

async function exitCodeOf(
  error: unknown,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  // Commander has said what is wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.wrongUse
  if (signal.aborted && isInterruption(error, signal)) {
    process.stderr.write('Interrupted.\n')
    return exitCodes.interrupted
  }
  const { GnnRecError, printableText } = await import('@gnnrec/graph')
  const isKnown = GnnRecError.isInstance(error)
  const message = error instanceof Error ? error.message : String(error)
  if (args.includes('--json')) {
    const code = isKnown ? error.code : 'UNEXPECTED'
    process.stdout.write(`${JSON.stringify({ error: { code, message } }, undefined, 2)}\n`)
  }
  // The place in the code helps nobody but those who can mend it.
  const trace = !isKnown && error instanceof Error ? `\n${error.stack}` : ''
  process.stderr.write(`gnnrec: ${printableText(message + trace)}\n`)
  return isKnown && error.code === 'INVALID_OPTIONS' ? exitCodes.wrongUse : exitCodes.failed
}

function isInterruption(error: unknown, signal: AbortSignal): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each === signal.reason || each.name === 'AbortError') return true
  }
  return false
}
