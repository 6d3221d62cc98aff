/** What a frame of the profile is. */
export type FrameKind = 'part' | 'tfjs' | 'kernel'

/** All calls of one frame from the same callers. */
export interface CallNode {
  readonly name: string
  readonly kind: FrameKind
  readonly calls: number
  /** Time from entering to leaving, callees included. */
  readonly milliseconds: number
  /** The most threads that a call was shared among. */
  readonly threads: number
  readonly callees: readonly CallNode[]
}

class OpenNode {
  calls = 0
  milliseconds = 0
  threads = 1
  entered = 0
  readonly byKey = new Map<string, OpenNode>()
  readonly name: string
  readonly kind: FrameKind
  readonly caller: OpenNode | undefined

  constructor(name: string, kind: FrameKind, caller?: OpenNode) {
    this.name = name
    this.kind = kind
    this.caller = caller
  }

  get callees(): readonly OpenNode[] {
    return [...this.byKey.values()]
  }
}

/** Adds up calls by their callers as they happen. */
export class CallTree {
  readonly #now: () => number
  readonly #root = new OpenNode('', 'part')
  #open = this.#root

  /** @param now - a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** What was entered from nowhere, in the order of the first calls. */
  get roots(): readonly CallNode[] {
    return this.#root.callees
  }

  enter(name: string, kind: FrameKind, threads = 1): void {
    const key = `${kind} ${name}`
    let node = this.#open.byKey.get(key)
    if (!node) {
      node = new OpenNode(name, kind, this.#open)
      this.#open.byKey.set(key, node)
    }
    node.calls++
    node.threads = Math.max(node.threads, threads)
    this.#open = node
    node.entered = this.#now()
  }

  leave(): void {
    const node = this.#open
    if (!node.caller) throw new Error('No frame is open.')
    node.milliseconds += this.#now() - node.entered
    this.#open = node.caller
  }
}

/** Time of a frame that no callee took. */
export function ownMilliseconds({ milliseconds, callees }: CallNode): number {
  return callees.reduce((own, callee) => own - callee.milliseconds, milliseconds)
}
