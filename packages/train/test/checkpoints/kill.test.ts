import { expect, it } from 'vitest'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import { killAndResume } from '../support/kill-and-resume.js'

removeFoldersAfterEach()

it('ends in the same bytes after 30 kills at random moments, writing included', async () => {
  const folder = await temporaryFolder()
  const report = await killAndResume({ kills: 30, folder, seed: 1 })
  expect(report).toMatchObject({ kills: 30, differentEnds: 0 })
  expect(report.ends).toBeGreaterThan(0)
  expect(report.killsWhileWriting).toBeGreaterThan(0)
  expect(report.killsBeforeTraining).toBeLessThan(30)
})
