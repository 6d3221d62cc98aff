import { nodeModule } from '../sources/node-files.js'

/** What is remembered of an answer, to go on with it later. */
interface PartialNote {
  readonly address: string
  /** The server's mark of this version of the file: a strong ETag, else its date. */
  readonly validator?: string
}

/** The part of a file that has come, and a note beside it of where it came from. */
export class PartialFile {
  readonly path: string
  readonly #notePath: string
  readonly #address: string

  constructor(file: string, address: string) {
    this.path = `${file}.part`
    this.#notePath = `${file}.part.json`
    this.#address = address
  }

  /** Number of bytes that have come, and the mark of their version. */
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

  /** Remembers the version that the bytes to come are of. */
  async note(validator: string | undefined): Promise<void> {
    const note: PartialNote = { address: this.#address, ...(validator && { validator }) }
    await nodeModule('node:fs/promises').writeFile(this.#notePath, JSON.stringify(note))
  }

  /** Forgets what has come. */
  async discard(): Promise<void> {
    const { rm } = nodeModule('node:fs/promises')
    await rm(this.path, { force: true })
    await rm(this.#notePath, { force: true })
  }

  /** Gives the whole file its name. */
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
