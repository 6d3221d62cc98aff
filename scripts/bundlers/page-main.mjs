import { namespaces, runPage } from './page.mjs'

globalThis.gnnrec = namespaces
runPage().then(
  (result) => {
    globalThis.result = JSON.stringify(result)
    globalThis.process?.stdout?.write?.(`${globalThis.result}\n`)
  },
  (error) => {
    globalThis.result = `failed: ${error.stack}`
  },
)
