import { expect, it } from 'vitest'
import { publicApi } from '../../../scripts/public-api.ts'

// Imports all packages from their sources, which takes a while where processors are busy.
it('exports what public-api.txt lists', async () => {
  const api = await publicApi(new URL('../', import.meta.url))
  await expect(api).toMatchFileSnapshot('public-api.txt')
})
