/**
 * Outcomes of reading a changed input. An input breaks out when code in it runs, or a file appears outside of
 * its folder.
 */
export const outcomes = [
  'read the same',
  'read otherwise',
  'typed error',
  'foreign error',
  'hang',
  'ended process',
  'too much memory',
  'broke out',
] as const

/** The outcome of reading a changed input. */
export type Outcome = (typeof outcomes)[number]

/** Outcomes that no input may have. */
export const failures: readonly Outcome[] = [
  'foreign error',
  'hang',
  'ended process',
  'too much memory',
  'broke out',
]

/** One changed input, by the numbers from which it is drawn. */
export interface FuzzCase {
  /** Name of the kind of input. */
  readonly subject: string
  readonly seed: number | string
  readonly index: number
  /** Numbers of the changes that are made; all by default. */
  readonly only?: readonly number[]
}

/** A case and the outcome of reading it. */
export interface CaseResult {
  readonly case: FuzzCase
  readonly outcome: Outcome
  /** The error, or the last words of a process that ended. */
  readonly message?: string
  /** Name and place of the error, which are the same for the same fault. */
  readonly fault?: string
  /** Seconds that reading took, unless the process was ended. */
  readonly seconds?: number
  /** Bytes of memory that reading took at its peak, unless the process was ended. */
  readonly bytes?: number
  /** True when the process must not be used any more. */
  readonly isSpoilt?: boolean
}

/** A question to a process that reads inputs. */
export type CaseQuestion =
  /** Reads an input; the answer is a CaseResult. */
  | {
      readonly ask: 'read'
      readonly case: FuzzCase
      /** Seconds after which reading counts as a hang. */
      readonly seconds: number
    }
  /** Makes an input without reading it; the answer is a DrawnInput. */
  | {
      readonly ask: 'draw'
      readonly case: FuzzCase
      /** Folder to write the input to. */
      readonly folder?: string
    }
  /** Lists the kinds of input; the answer is an array of SubjectShare. */
  | { readonly ask: 'subjects' }

/** Sizes of an input. */
export interface DrawnInput {
  /** Bytes of all its files. */
  readonly bytes: number
  /** Number of the changes that were drawn. */
  readonly changeCount: number
}

/** A kind of input, its share of the cases, and its limit of time. */
export interface SubjectShare {
  readonly name: string
  readonly share: number
  /** Seconds after which reading counts as a hang, unless those of the run. */
  readonly seconds?: number | undefined
}

/** Exit code of a process that could not make or read an input before it was changed. */
export const soundFailure = 70
