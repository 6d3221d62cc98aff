import { Writable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TextOutput } from '../../src/files.js'

afterEach(() => vi.unstubAllEnvs())

/** A stream whose reader goes away after some writes. */
class Pipe extends Writable {
  readonly texts: string[] = []
  tries = 0
  readonly #left: number

  constructor(left: number) {
    super({ autoDestroy: false })
    this.#left = left
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.tries++ >= this.#left) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }))
      return
    }
    this.texts.push(String(chunk))
    done()
  }
}

const laterOn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('a stream whose reader goes away', () => {
  it('falls silent, throws nothing and leaves no listener', async () => {
    const pipe = new Pipe(2)
    const output = new TextOutput(pipe)
    // An error without a listener would be thrown here.
    for (let line = 1; line <= 9; line++) {
      output.write(`line ${line}\n`)
      if (line > 4) await laterOn()
    }
    expect(pipe.texts).toEqual(['line 1\n', 'line 2\n'])
    expect(pipe.tries).toBeLessThan(9)
    expect(pipe.listenerCount('error')).toBe(0)
  })

  it('takes an error that is thrown like one that comes later', () => {
    const write = vi.fn(() => {
      throw new Error('The stream is destroyed.')
    })
    const output = new TextOutput({ write })
    output.write('a')
    output.write('b')
    expect(write).toHaveBeenCalledTimes(1)
  })

  it('returns nothing and throws nothing when the stream refuses listeners', async () => {
    const refuse = () => {
      throw new Error('The stream is destroyed.')
    }
    expect(new TextOutput({ write: refuse, on: refuse }).write('a')).toBeUndefined()
    const write = vi.fn((_text: string, done?: () => void) => done?.())
    new TextOutput({ write, on: () => undefined, removeListener: refuse }).write('a')
    // An error in the timer would end the process.
    await laterOn()
    expect(write).toHaveBeenCalledTimes(1)
  })
})

describe('escape codes', () => {
  const isTTY = (environment: Record<string, string>, terminal = true) => {
    vi.stubEnv('TERM', 'xterm')
    vi.stubEnv('NO_COLOR', '')
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    return new TextOutput({ isTTY: terminal, write: () => true }).isTTY
  }

  it('are for terminals that know them', () => {
    expect(isTTY({})).toBe(true)
    expect(isTTY({}, false)).toBe(false)
    expect(isTTY({ TERM: 'dumb' })).toBe(false)
    expect(isTTY({ NO_COLOR: '1' })).toBe(false)
  })
})
