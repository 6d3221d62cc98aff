import { namespaces, runPipeline } from './pipeline.mjs'

globalThis.gnnrec = namespaces
runPipeline().then((result) => console.log(JSON.stringify(result)))
