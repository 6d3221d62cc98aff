import { nodeModule } from '../sources/node-files.js'

/** A note about the server's answer, which lets a later call continue the download. */
interface PartialNote {
  readonly address: string
  /** The server's mark of this version of the file: a strong ETag, or else its date. */
  readonly validator?: string
}

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
    const { readFile, stat } = nodeModule('node:fs/promises')
    const { size } = await stat(this.path).catch(() => ({ size: 0 }))
    const text = await readFile(this.#notePath, 'utf8').catch(() => '{}')
    const note = parseNote(text)
    if (size > 0 && note?.address === this.#address) {
      return { bytes: size, validator: note.validator }
    }
    return { bytes: 0, validator: undefined }
  }

  /** Writes down the version that the next bytes belong to. */
  async note(validator: string | undefined): Promise<void> {
    const note: PartialNote = { address: this.#address, ...(validator && { validator }) }
    await nodeModule('node:fs/promises').writeFile(this.#notePath, JSON.stringify(note))
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

function parseNote(text: string): PartialNote | undefined {
  try {
    return JSON.parse(text) as PartialNote
  } catch {
    return undefined
  }
}
