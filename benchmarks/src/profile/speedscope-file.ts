import { type CallNode, ownMilliseconds } from './call-tree.js'

/**
 * Writes a profile in the format of https://www.speedscope.app, with one sample for each path of
 * calls.
 */
export interface SpeedscopeFile {
  readonly $schema: 'https://www.speedscope.app/file-format-schema.json'
  readonly name: string
  readonly exporter: string
  readonly shared: { readonly frames: readonly { readonly name: string }[] }
  readonly profiles: readonly [
    {
      readonly type: 'sampled'
      readonly name: string
      readonly unit: 'milliseconds'
      readonly startValue: 0
      readonly endValue: number
      /** Positions in `frames`, the outermost first. */
      readonly samples: readonly (readonly number[])[]
      readonly weights: readonly number[]
    },
  ]
}

export function speedscopeFile(name: string, roots: readonly CallNode[]): SpeedscopeFile {
  const places = new Map<string, number>()
  const samples: number[][] = []
  const weights: number[] = []
  const add = (node: CallNode, callers: readonly number[]): void => {
    const place = places.get(node.name) ?? places.size
    places.set(node.name, place)
    const path = [...callers, place]
    samples.push(path)
    weights.push(Math.max(0, ownMilliseconds(node)))
    for (const callee of node.callees) add(callee, path)
  }
  for (const root of roots) add(root, [])
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name,
    exporter: 'gnnrec',
    shared: { frames: [...places.keys()].map((frame) => ({ name: frame })) },
    profiles: [
      {
        type: 'sampled',
        name,
        unit: 'milliseconds',
        startValue: 0,
        samples,
        weights,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
      },
    ],
  }
}
