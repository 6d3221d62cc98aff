import type { PeerProcess } from './peer-process.js'

/** Starts peers; one that cannot be had is named with the reason, and left out. */
export class Peers {
  readonly #running: PeerProcess[] = []

  /** Undefined when it cannot be installed or does not start. */
  async start(name: string, start: () => Promise<PeerProcess>): Promise<PeerProcess | undefined> {
    try {
      const peer = await start()
      this.#running.push(peer)
      console.log(`${name}: ${peer.about}`)
      return peer
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      console.log(`${name}: left out, since it does not run here: ${reason}`)
      return undefined
    }
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#running.map((peer) => peer.dispose()))
  }
}
