import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GnnRecError } from '@gnnrec/graph'
import { drawCase } from './draw-case.js'
import { folderName, inputBytes, readFolder, writeFolder } from './folder-files.js'
import {
  type CaseQuestion,
  type CaseResult,
  type DrawnInput,
  type FuzzCase,
  soundFailure,
} from './outcomes.js'
import type { Files, Subject } from './subject.js'
import { TrappedFolder } from './traps.js'

/** Bytes that reading may take beside what the process has already. */
const memoryLimit = 2 ** 30
/** Garbage of earlier cases must not count as memory of later ones. */
const collectAbove = 2 ** 28

/** A sound input, and a text that stands for its content. */
interface Sound {
  readonly files: Files
  readonly content: string
}

/**
 * Reads the changed inputs that the parent process asks for, one by one. Each message of the parent is a
 * CaseQuestion.
 *
 * @param root - folder for the inputs
 */
export function serveCases(root: string, subjects: readonly Subject[]): void {
  const subjectOf = (name: string): Subject => {
    const found = subjects.find((subject) => subject.name === name)
    if (found) return found
    throw new Error(`There is no kind of file '${name}'.`)
  }
  const trapped = new TrappedFolder(join(root, `work-${process.pid}`))
  const work = trapped.input
  const sounds = new Map<string, Sound>()
  /** The case that is being read; none while a sound input is made. */
  let current: FuzzCase | undefined
  const reportStray = (error: unknown): void => {
    if (current) process.send?.(strayResult(current, error))
    else reportUnsound(error)
  }
  process.on('uncaughtException', reportStray)
  process.on('unhandledRejection', reportStray)
  process.on('disconnect', () => process.exit())
  // Warnings of the packages would fill the terminal.
  process.removeAllListeners('warning')
  const answer = async (question: CaseQuestion): Promise<unknown> => {
    if (question.ask === 'subjects') {
      return subjects.map(({ name, share = 1, seconds }) => ({ name, share, seconds }))
    }
    const { case: given } = question
    const subject = subjectOf(given.subject)
    const sound = sounds.get(subject.name) ?? (await makeSound(root, work, subject))
    sounds.set(subject.name, sound)
    const drawn = drawCase(subject, sound.files, given)
    if (question.ask === 'draw') {
      if (question.folder !== undefined) writeFolder(question.folder, drawn)
      return { bytes: inputBytes(drawn), changeCount: drawn.changeCount } satisfies DrawnInput
    }
    trapped.reset()
    writeFolder(work, drawn)
    current = given
    const result = await readCase(
      question,
      () => subject.read(work),
      sound.content,
      inputBytes(drawn),
    )
    current = undefined
    const message = trapped.sprung()
    if (message === undefined) return result
    return { ...result, outcome: 'broke out', message, fault: message } satisfies CaseResult
  }
  process.on('message', async (question: CaseQuestion) => process.send?.(await answer(question)))
  process.send?.('ready')
}

/** Makes the sound input of a kind, unless an earlier process made it, and reads it. */
async function makeSound(root: string, work: string, subject: Subject): Promise<Sound> {
  const folder = join(root, 'sound', folderName(subject.name))
  const draft = `${folder}.${process.pid}`
  await mkdir(draft, { recursive: true })
  await subject.make(draft)
  // Every process makes the same bytes, so that those of the first can stay.
  await rename(draft, folder).catch(() => rm(draft, { recursive: true }))
  const files = readFolder(folder)
  checkPacking(subject, files)
  writeFolder(work, { files, odd: new Map() })
  return { files, content: await subject.read(work) }
}

/** Checks that packing what is unpacked gives the same bytes, so that it hides no fault and makes none. */
function checkPacking({ name, pack, unpack = (files) => files }: Subject, files: Files): void {
  const again = pack?.(unpack(files)) ?? files
  for (const path of new Set([...files.keys(), ...again.keys()])) {
    const [before, after] = [files.get(path), again.get(path)]
    if (before && after && Buffer.compare(before, after) === 0) continue
    throw new Error(`${name}: unpacking and packing changes ${path}.`)
  }
}

async function readCase(
  { case: given, seconds: limit }: CaseQuestion & { ask: 'read' },
  read: () => Promise<string>,
  soundContent: string,
  heldBytes: number,
): Promise<CaseResult> {
  if (process.memoryUsage.rss() > collectAbove) globalThis.gc?.()
  const before = process.memoryUsage.rss()
  forgetPeak()
  const started = performance.now()
  let result: CaseResult
  try {
    const outcome = (await read()) === soundContent ? 'read the same' : 'read otherwise'
    result = { case: given, outcome }
  } catch (error) {
    result = errorResult(given, error)
  }
  const seconds = (performance.now() - started) / 1000
  // A rejection that nobody handles is reported after the current turn.
  await new Promise((resolve) => setImmediate(resolve))
  const bytes = Math.max(0, peakMemory() - before)
  const isLate = seconds > limit
  if (bytes <= memoryLimit + heldBytes && !isLate) return { ...result, seconds, bytes }
  const outcome = isLate ? 'hang' : 'too much memory'
  const taken = `${seconds.toFixed(1)} s, ${Math.round(bytes / 2 ** 20)} MB`
  return {
    case: given,
    outcome,
    message: `${taken}. ${result.message ?? ''}`,
    fault: outcome,
    seconds,
    bytes,
  }
}

function errorResult(given: FuzzCase, error: unknown): CaseResult {
  const { name = typeof error, message = String(error), stack = '' } = (error ?? {}) as Error
  if (GnnRecError.isInstance(error)) {
    const { code } = error
    return { case: given, outcome: 'typed error', message: `${code}: ${message}`, fault: code }
  }
  const fault = `${name} ${placeOf(stack)}`
  return { case: given, outcome: 'foreign error', message: `${name}: ${message}`, fault }
}

/** Returns the result of an error outside of the call that reads, which nobody can catch. */
function strayResult(given: FuzzCase, error: unknown): CaseResult {
  const { message, fault } = errorResult(given, error)
  return {
    case: given,
    outcome: 'foreign error',
    message: `outside of the call: ${message}`,
    fault: `stray ${fault}`,
    isSpoilt: true,
  }
}

/** Ends the process because an input failed before anything was changed. */
function reportUnsound(error: unknown): void {
  const text = `A sound input cannot be read: ${(error as Error)?.stack ?? error}\n`
  process.stderr.write(text, () => process.exit(soundFailure))
}

/** Returns the function and file in which an error was made. */
function placeOf(stack: string): string {
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line))
  const own = lines.find((line) => /packages\/[\w-]+\/(src|dist)/.test(line)) ?? lines[0] ?? ''
  return own.trim().replace(/\(?(file:\/\/)?\/\S*\/(?=packages\/|node_modules\/)/, '(')
}

/** Lets the system count the peak of memory anew, where it can. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // The peak then counts from the start of the process.
  }
}

function peakMemory(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1])
  } catch {
    return process.memoryUsage.rss()
  }
}
