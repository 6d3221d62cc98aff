import { namespaces, runPipeline } from '../../pipeline.mjs'
import { Client } from './client.js'

export const dynamic = 'force-dynamic'

export default async function Page() {
  globalThis.gnnrec = namespaces
  return (
    <>
      <pre id="server">{JSON.stringify(await runPipeline())}</pre>
      <Client />
    </>
  )
}
