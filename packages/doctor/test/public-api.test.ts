import { expect, it } from 'vitest'
import { publicApi } from '../../../scripts/public-api.ts'

// Imports all packages from their sources, which takes a while where processors are busy.
it('exports what public-api.txt lists', { timeout: 60_000 }, async () => {
  const api = await publicApi(new URL('../', import.meta.url))
  await expect(api).toMatchFileSnapshot('public-api.txt')
})
