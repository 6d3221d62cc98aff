import { type CallNode, type FrameKind, ownMilliseconds } from './call-tree.js'

/** Time of one kernel over all its calls, from any caller. */
export interface KernelTime {
  readonly name: string
  readonly kind: FrameKind
  readonly calls: number
  /** Time without that of other frames inside it, so that the rows add up. */
  readonly milliseconds: number
  /** Share of the time of all frames. */
  readonly share: number
  readonly threads: number
}

/** Returns the time of a tree by kernel, longest first; the rows add up to the time of the tree. */
export function kernelTimes(roots: readonly CallNode[]): KernelTime[] {
  const total = roots.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const times = new Map<string, KernelTime>()
  const add = (node: CallNode): void => {
    const { name, kind, calls, threads, callees } = node
    const key = `${kind} ${name}`
    const before = times.get(key) ?? { calls: 0, milliseconds: 0, threads: 1 }
    const milliseconds = before.milliseconds + ownMilliseconds(node)
    times.set(key, {
      name,
      kind,
      milliseconds,
      share: total > 0 ? milliseconds / total : 0,
      calls: before.calls + calls,
      threads: Math.max(before.threads, threads),
    })
    for (const callee of callees) add(callee)
  }
  for (const root of roots) add(root)
  return [...times.values()].sort((a, b) => b.milliseconds - a.milliseconds)
}
