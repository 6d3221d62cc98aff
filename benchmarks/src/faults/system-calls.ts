/** System calls that read or change files, with the error by which each is refused. */
export const refusals: Readonly<Record<string, string>> = {
  open: 'EACCES',
  openat: 'EACCES',
  read: 'EIO',
  pread64: 'EIO',
  readv: 'EIO',
  preadv: 'EIO',
  write: 'ENOSPC',
  pwrite64: 'ENOSPC',
  writev: 'ENOSPC',
  pwritev: 'ENOSPC',
  fsync: 'EIO',
  fdatasync: 'EIO',
  close: 'EIO',
  rename: 'EACCES',
  renameat: 'EACCES',
  renameat2: 'EACCES',
  unlink: 'EPERM',
  unlinkat: 'EPERM',
  rmdir: 'EPERM',
  mkdir: 'ENOSPC',
  mkdirat: 'ENOSPC',
  link: 'ENOSPC',
  linkat: 'ENOSPC',
  symlink: 'ENOSPC',
  ftruncate: 'ENOSPC',
  fallocate: 'ENOSPC',
  stat: 'EACCES',
  lstat: 'EACCES',
  fstat: 'EIO',
  statx: 'EACCES',
  newfstatat: 'EACCES',
  statfs: 'EIO',
  access: 'EACCES',
  readlink: 'EIO',
  getdents64: 'EIO',
  chmod: 'EPERM',
  fchmod: 'EPERM',
  utimensat: 'EPERM',
  copy_file_range: 'ENOSPC',
  sendfile: 'ENOSPC',
  lseek: 'EIO',
  flock: 'EIO',
}

/** One call on the files of a folder, as it was seen while nothing failed. */
export interface SystemCall {
  /** Place of the thread among the threads of the process, in the order in which they started. */
  readonly thread: number
  readonly name: string
  /** Number of the call among those of this name in this thread, from 1. */
  readonly ordinal: number
  /** Paths, with digits that change from run to run left out. */
  readonly what: string
}

/** Calls on the files of a folder. */
export interface SeenCalls {
  readonly calls: readonly SystemCall[]
  /** Names and paths of the calls of threads that started later, which strace cannot be told to fail. */
  readonly unreached: readonly string[]
}

/** Reads the calls on the files of a folder from the output of strace with the options `-f` and `-y`. */
export function callsIn(output: string, folder: string, threads: readonly number[]): SeenCalls {
  const counts = new Map<string, number>()
  const calls: SystemCall[] = []
  const unreached = new Set<string>()
  for (const line of output.split('\n')) {
    const [, thread, name, rest] = /^(\d+)\s+(\w+)\((.*)$/.exec(line) ?? []
    if (name === undefined) continue
    const key = `${thread} ${name}`
    const ordinal = (counts.get(key) ?? 0) + 1
    counts.set(key, ordinal)
    if (!rest.includes(folder)) continue
    const place = threads.indexOf(Number(thread))
    const what = pathsIn(rest, folder)
    if (place < 0) unreached.add(`${name}${what}`)
    else calls.push({ thread: place, name, ordinal, what })
  }
  return { calls, unreached: [...unreached] }
}

/** Returns the paths below a folder in the arguments of a call, without those of its result. */
export function pathsIn(text: string, folder: string): string {
  const paths = text
    .replace(/\)\s+= .*$/, '')
    .split(folder)
    .slice(1)
  return paths.map((path) => withoutNumbers(/^[^">]*/.exec(path)?.[0] ?? '')).join(' ')
}

/** Leaves out the process ids, times, counters and random digits in names of files. */
export function withoutNumbers(name: string): string {
  return name.replace(/[\da-f]{8}-[\da-f]{4}(?=\.tmp$)|\d+/g, '#')
}
