/** Something that writes files: the new content in the place of the old. */
export interface Writer {
  /** Writes the old content into an empty folder. */
  prepare(folder: string): Promise<void>
  /**
   * Does everything that comes before the writing.
   *
   * @returns a function that writes the new content
   */
  open(folder: string, address: string): Promise<() => Promise<void>>
  /** Reads the content; returns a text that tells the old from the new. */
  read(folder: string): Promise<string>
}
