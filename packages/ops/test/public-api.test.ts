import { expect, it } from 'vitest'
import { publicApi } from '../../../scripts/public-api.ts'

it('exports what public-api.txt lists', async () => {
  const api = await publicApi(new URL('../', import.meta.url))
  await expect(api).toMatchFileSnapshot('public-api.txt')
})
