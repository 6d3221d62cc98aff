import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Name of the environment variable that holds the path of the file that hostile code writes. */
const markVariable = 'GNNREC_FUZZ_MARK'

/** Statement that leaves a mark when it runs, in whatever thread or process of the reader. */
export const hostileStatement = `process.getBuiltinModule('node:fs').writeFileSync(process.env.${markVariable}, 'ran')`

/** Address of a module that leaves a mark when it is loaded. */
export const hostileModule = `data:text/javascript;base64,${Buffer.from(hostileStatement).toString('base64')}`

/** Levels of folders above an input, as many as hostile paths go up. */
const levels = ['a', 'b', 'input']

/** A folder for inputs in which code that runs, and files written elsewhere, are seen. */
export class TrappedFolder {
  readonly #root: string
  readonly #mark: string
  /** Folder of the input. */
  readonly input: string

  constructor(root: string) {
    this.#root = root
    this.#mark = `${root}.mark`
    this.input = join(root, ...levels)
    process.env[markVariable] = this.#mark
    this.reset()
  }

  /** Empties the folder, and forgets what was seen. */
  reset(): void {
    rmSync(this.#root, { recursive: true, force: true })
    rmSync(this.#mark, { force: true })
    const above = dirname(this.input)
    mkdirSync(above, { recursive: true })
    writeFileSync(join(above, 'trap.mjs'), hostileStatement)
  }

  /** Returns what a reader did that none may do; undefined for nothing. */
  sprung(): string | undefined {
    if (existsSync(this.#mark)) return 'code of the input ran'
    let folder = this.#root
    for (const level of levels) {
      const extra = readdirSync(folder).find((name) => name !== level && name !== 'trap.mjs')
      if (extra !== undefined) return `'${extra}' was written outside of the input's folder`
      folder = join(folder, level)
    }
    return undefined
  }
}
