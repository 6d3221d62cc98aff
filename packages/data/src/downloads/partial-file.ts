import { readRegularFile } from '@gnnrec/graph/files'
import * as z from 'zod'
import { nodeModule } from '../sources/node-files.js'

/** A note about the server's answer, which lets a later call continue the download. */
type PartialNote = z.output<typeof noteSchema>

const noteSchema = z.strictObject({
  address: z.string(),
  /** The server's mark of this version of the file: a strong ETag, or else its date, as headers can have it. */
  validator: z
    .string()
    .regex(/^[\x20-\x7e\x80-\xff]+$/)
    .optional(),
})

/** The largest note, in bytes. Servers' headers have at most 16 KiB. */
const mostNoteBytes = 2 ** 16

/** A partly downloaded file, with a note beside it that says where the bytes came from. */
export class PartialFile {
  readonly path: string
  readonly #notePath: string
  readonly #address: string

  constructor(file: string, address: string) {
    this.path = `${file}.part`
    this.#notePath = `${file}.part.json`
    this.#address = address
  }

  /** Returns the number of bytes on disk and the mark of the version that they belong to. */
  async state(): Promise<{ bytes: number; validator: string | undefined }> {
    const nothing = { bytes: 0, validator: undefined }
    const facts = await nodeModule('node:fs/promises')
      .lstat(this.path)
      .catch(() => undefined)
    // Bytes are appended to no pipe, and to no file elsewhere that a link leads to.
    if (!facts?.isFile() || facts.size === 0) return nothing
    const note = await this.#readNote()
    if (note?.address !== this.#address) return nothing
    return { bytes: facts.size, validator: note.validator }
  }

  /** Writes down the version that the next bytes belong to. */
  async note(validator: string | undefined): Promise<void> {
    const note: PartialNote = { address: this.#address, ...(validator && { validator }) }
    await nodeModule('node:fs/promises').writeFile(this.#notePath, JSON.stringify(note))
  }

  /** Reads the note; returns undefined when there is none, or when it says nothing. */
  async #readNote(): Promise<PartialNote | undefined> {
    try {
      const bytes = await readRegularFile(this.#notePath, { mostBytes: mostNoteBytes })
      return noteSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data
    } catch {
      return undefined
    }
  }

  /** Removes the partial file and its note. */
  async discard(): Promise<void> {
    const { rm } = nodeModule('node:fs/promises')
    await rm(this.path, { force: true })
    await rm(this.#notePath, { force: true })
  }

  /** Renames the complete file to its final name. */
  async finish(file: string): Promise<void> {
    const { open, rename, rm } = nodeModule('node:fs/promises')
    const written = await open(this.path, 'r+')
    await written.sync().finally(() => written.close())
    await rename(this.path, file)
    await rm(this.#notePath, { force: true })
  }
}
