import { setTimeout } from 'node:timers/promises'

/** Does its work once; gives the seconds that it took. */
export type Contender = () => number | Promise<number>

/** Seconds of several runs. */
export interface Spread {
  readonly median: number
  readonly fastest: number
  readonly slowest: number
}

/** Long enough for the threads of who has just run to go to sleep. */
const pauseMilliseconds = 5

/**
 * Runs all contenders in turns, so that what else the machine does hits all alike; before each measured
 * run, `unmeasured` ones bring a contender's own data back into the caches.
 */
export async function takeTurns<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  {
    repetitions,
    warmUp = 2,
    unmeasured = 0,
  }: { repetitions: number; warmUp?: number; unmeasured?: number },
): Promise<Record<Name, Spread>> {
  const names = Object.keys(contenders) as Name[]
  const seconds = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let run = -warmUp; run < repetitions; run++) {
    for (const name of names) {
      await setTimeout(pauseMilliseconds)
      for (let run = 0; run < unmeasured; run++) await contenders[name]()
      const taken = await contenders[name]()
      if (run >= 0) seconds.get(name)?.push(taken)
    }
  }
  const spreads = names.map((name) => [name, spreadOf(seconds.get(name) ?? [])])
  return Object.fromEntries(spreads)
}

/** Seconds of an action in this process. */
export async function secondsOf(action: () => unknown): Promise<number> {
  const started = performance.now()
  await action()
  return (performance.now() - started) / 1000
}

function spreadOf(seconds: readonly number[]): Spread {
  const sorted = [...seconds].sort((a, b) => a - b)
  return {
    median: sorted[sorted.length >> 1],
    fastest: sorted[0],
    slowest: sorted[sorted.length - 1],
  }
}
