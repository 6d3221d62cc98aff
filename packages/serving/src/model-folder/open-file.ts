/** A file that was opened, and stays readable when a save removes it from its folder. */
export interface OpenFile {
  /** Number of bytes, where it is known before reading. */
  readonly size: number | undefined
  /**
   * Reads the file into bytes that the caller may change.
   *
   * @param most - number of bytes that are expected; of a longer file, at least one byte more is returned
   * and the rest is not read
   */
  read(most: number): Promise<Uint8Array>
  /** Lets go of the file, read or not. */
  close(): Promise<void>
}

/** A folder on disk, on the web or in memory. */
export interface FolderReader {
  /** Path or address of the folder, or a word for it, for messages. */
  readonly place: string
  /** Opens a file; returns undefined when there is no such file. */
  open(name: string): Promise<OpenFile | undefined>
}
