import { Rng } from '@gnnrec/graph'

/** An event of the made-up shop. */
export interface ShopEvent {
  readonly user: string
  readonly item: string
  readonly timestamp: number
}

/** Makes events of users in four camps, who mostly meet items of their own camp, in the order of time. */
export function shopEvents(count = 1200, seed = 7): ShopEvent[] {
  const rng = Rng.fromSeed(seed)
  return Array.from({ length: count }, (_, at) => {
    const user = rng.integer(40)
    const camp = rng.uniform() < 0.85 ? user % 4 : rng.integer(4)
    const item = 4 * rng.integer(12) + camp
    return { user: `user-${user}`, item: `item-${item}`, timestamp: 1_700_000_000 + 600 * at }
  })
}

/** Writes events as a file that a shop would export. */
export function asCsv(events: readonly ShopEvent[]): string {
  const lines = events.map(({ user, item, timestamp }) => {
    const time = new Date(timestamp * 1000).toISOString()
    return `${user},${item},${time}`
  })
  return `user_id,item_id,timestamp\n${lines.join('\n')}\n`
}
