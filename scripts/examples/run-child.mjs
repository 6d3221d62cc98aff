// Imports the modules named on the command line one after the other and tells the parent process of
// each how it ended and what it printed.
import { pathToFileURL } from 'node:url'

let output = ''
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, callback) => {
    output += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    const done = typeof encoding === 'function' ? encoding : callback
    done?.()
    return true
  }
}

for (const file of process.argv.slice(2)) {
  output = ''
  process.send({ file })
  const start = performance.now()
  let error
  try {
    await import(pathToFileURL(file).href)
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown)
  }
  process.send({ file, ended: true, milliseconds: performance.now() - start, output, error })
}
// An example may leave threads or servers behind, which would keep this process alive.
process.disconnect()
process.exit(0)
