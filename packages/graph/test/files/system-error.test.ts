import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { isDiskFull } from '../../src/files.js'

const error = (fields: object) => Object.assign(new Error('write failed'), fields)

it('knows a full disk and a quota that is used up, which Node.js has no name for', () => {
  expect(isDiskFull(error({ code: 'ENOSPC', errno: -constants.errno.ENOSPC }))).toBe(true)
  expect(isDiskFull(error({ code: 'EDQUOT' }))).toBe(true)
  const quota = -constants.errno.EDQUOT
  expect(isDiskFull(error({ code: `Unknown system error ${quota}`, errno: quota }))).toBe(true)
})

it('takes no other error for one', () => {
  const others = [error({ code: 'EACCES', errno: -13 }), error({}), undefined, null, 'ENOSPC']
  for (const other of others) expect(isDiskFull(other)).toBe(false)
})
