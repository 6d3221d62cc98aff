// A worker in a process of its own, so that it can be killed. Arguments: the address of Redis.

import { BullMqWorker } from '@gnnrec/experiments'

const [url] = process.argv.slice(2)

await new BullMqWorker({ url, lostSeconds: 10, threads: 1 }).run()
