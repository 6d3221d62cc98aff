import type { PeerProcess } from './peer-process.js'

/**
 * A starter of peers that names those that cannot be started, with the reason, and leaves them out.
 */
export class Peers {
  readonly #running: PeerProcess[] = []

  /** Starts a peer; returns undefined when it cannot be installed or does not start. */
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
