/** Bytes of files by their path relative to the folder of an input. */
export type Files = Map<string, Uint8Array>

/** A kind of input that the packages read. */
export interface Subject {
  readonly name: string
  /** Writes a sound input into an empty folder. Calls on any day write the same bytes. */
  make(folder: string): Promise<void>
  /**
   * Reads an input and uses what it holds.
   *
   * @returns a text that differs when other content was read
   */
  read(folder: string): Promise<string>
  /** Turns the files into those that changes are made to, such as the content of archives. */
  unpack?(files: Files): Files
  /**
   * Turns changed files into an input whose archives and digests fit again, so that a change is found by the
   * checks behind those of the digests. Files that were not changed stay as they are, byte for byte.
   */
  pack?(files: Files): Files
  /** True when a link, a pipe, a device or a folder may stand in the place of a file. */
  readonly mayBeOdd?: boolean
  /** Share of the cases in which one does. @defaultValue 0.004 */
  readonly oddShare?: number
  /** Seconds after which reading counts as a hang. @defaultValue those of the run */
  readonly seconds?: number
  /** Share of the cases, compared with the other kinds. @defaultValue 1 */
  readonly share?: number
}
