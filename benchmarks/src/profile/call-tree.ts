/** Kind of a frame of the profile. */
export type FrameKind = 'part' | 'tfjs' | 'kernel'

/** All calls of one frame from the same callers. */
export interface CallNode {
  readonly name: string
  readonly kind: FrameKind
  readonly calls: number
  /** Time from entering to leaving, callees included, in milliseconds. */
  readonly milliseconds: number
  /** Largest number of threads that shared a call. */
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

/** A tree that adds up calls by their callers as they happen. */
export class CallTree {
  readonly #now: () => number
  readonly #root = new OpenNode('', 'part')
  #open = this.#root

  /** @param now - clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Frames without a caller, in the order of their first calls. */
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

/** Returns the time of a frame without that of its callees, in milliseconds. */
export function ownMilliseconds({ milliseconds, callees }: CallNode): number {
  return callees.reduce((own, callee) => own - callee.milliseconds, milliseconds)
}
