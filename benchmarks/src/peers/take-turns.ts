import { setTimeout } from 'node:timers/promises'

/** A function that does its work once and returns the seconds it took. */
export type Contender = () => number | Promise<number>

/** Median and range of the seconds of several runs. */
export interface Spread {
  readonly median: number
  readonly fastest: number
  readonly slowest: number
}

/** Pause between two contenders, long enough for the threads of the first to go to sleep. */
const pauseMilliseconds = 5

/**
 * Runs all contenders in turns, so that other work on the machine slows all of them alike. Before
 * each measured run, `unmeasured` runs bring the data of the contender back into the caches.
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

/** Returns the seconds of an action in this process. */
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
