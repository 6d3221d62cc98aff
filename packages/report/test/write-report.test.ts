import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReport, ReportFileError, writeReport } from '@gnnrec/report'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { madeModel } from './support/made-input.js'

const options = { title: 'T', models: [madeModel('a', 0)] }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnnrec-report-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('writes both files into a new folder and returns their paths', async () => {
  const target = join(folder, 'deep', 'er')
  const paths = await writeReport(target, options)
  expect(paths).toEqual({ html: join(target, 'report.html'), markdown: join(target, 'report.md') })
  const { html, markdown } = await createReport(options)
  expect(await readFile(paths.html, 'utf8')).toBe(html)
  expect(await readFile(paths.markdown, 'utf8')).toBe(markdown)
})

it('replaces an older report and leaves nothing else behind', async () => {
  await writeFile(join(folder, 'report.html'), 'old')
  await writeReport(folder, options)
  expect((await readdir(folder)).sort()).toEqual(['report.html', 'report.md'])
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/)
})

it('keeps the older report when options are wrong', async () => {
  await writeFile(join(folder, 'report.html'), 'old')
  await expect(writeReport(folder, { ...options, models: [] })).rejects.toThrow('models')
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toBe('old')
})

it('names the folder that it could not write, and cleans up', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(writeReport(join(folder, 'file'), options)).rejects.toBeInstanceOf(ReportFileError)
  await mkdir(join(folder, 'report.html'))
  const failed = writeReport(folder, options)
  await expect(failed).rejects.toThrow(`Could not write the report to ${folder}`)
  await expect(failed).rejects.toMatchObject({ code: 'REPORT_FILE' })
  expect((await readdir(folder)).sort()).toEqual(['file', 'report.html'])
})
