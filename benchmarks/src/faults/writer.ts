/** Texts that tell old content from new, by the name of each part that is replaced on its own. */
export type Content = Readonly<Record<string, string>>

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
  /** Reads the content: a text for all of it, or one for each part that is replaced on its own. */
  read(folder: string): Promise<string | Content>
}

/** Writers by their names. Each is loaded alone, so that a process that writes once starts fast. */
export type Writers = Readonly<Record<string, () => Promise<Writer>>>
