import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ReportOptions, writeReport } from '@gnnrec/report'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostileReport } from './support/hostile-report.js'
import { productReport, sevenModels } from './support/made-input.js'
import { overflowingTexts } from './support/overflowing-texts.js'

const chromium = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find(
  (path) => path !== undefined && existsSync(path),
)
const title = chromium
  ? 'the page in Chromium'
  : 'the page in Chromium (skipped: there is none; Debian: apt-get install chromium)'

describe.skipIf(!chromium)(title, () => {
  let browser: Browser
  let folder: string
  const urls: Record<string, string> = {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gnnrec-report-'))
    const inputs: Record<string, ReportOptions> = {
      'seven models': sevenModels({ flags: ['degenerate'] }),
      'hostile texts': hostileReport(),
      'long names': withLongNames(),
      'at a glance': productReport(),
    }
    for (const [name, input] of Object.entries(inputs)) {
      urls[name] = pathToFileURL((await writeReport(join(folder, name), input)).html).href
    }
    // Chromium refuses to be root in its sandbox, as CI is.
    browser = await puppeteer.launch({
      executablePath: chromium!,
      args: ['--no-sandbox'],
      timeout: 600_000,
      protocolTimeout: 600_000,
    })
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const looks = [380, 768, 1400].flatMap((width) =>
    (['light', 'dark'] as const).map((scheme) => [width, scheme] as const),
  )

  describe.each(['seven models', 'hostile texts', 'long names', 'at a glance'])('%s', (name) => {
    it.each(looks)('are legible at %i pixels in %s, and ask for nothing', async (width, scheme) => {
      const { page, requests, messages } = await open(browser, urls[name], { width, scheme })
      try {
        const plots = await page.$$eval('svg[role=img]', (found) => found.length)
        expect(plots).toBeGreaterThan(name === 'at a glance' ? 6 : 20)
        await page.$$eval('details', (all) => {
          for (const each of all) each.open = true
        })
        const root = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ])
        expect(root).toEqual([width, width])
        expect(await page.evaluate(overflowingTexts)).toEqual([])
        expect(requests).toEqual([urls[name]])
        expect(messages).toEqual([])
      } finally {
        await page.close()
      }
    })
  })

  it('runs nothing that a title, a name or an id holds', async () => {
    const { page, messages } = await open(browser, urls['hostile texts'])
    expect(await page.title()).toContain('<script>')
    expect(await page.$$eval('script, img, iframe, object', (found) => found.length)).toBe(0)
    expect(messages).toEqual([])
    await page.close()
  })

  it('does not run a script that is injected anyway', async () => {
    const { page, messages } = await open(browser, urls['seven models'])
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'document.title = "ran"'
      document.body.append(script)
    })
    expect(await page.title()).toBe('Seven models on made data')
    expect(messages.join()).toContain('Content Security Policy')
    await page.close()
  })

  it('lets the keyboard skip the navigation and reach every table', async () => {
    const { page } = await open(browser, urls['seven models'])
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: on } = document
        const name = on?.getAttribute('aria-label') ?? on?.textContent
        return `${on?.tagName} ${name}`
      })
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('A Skip to the report')
    const isShown = await page.$eval('.skip', (link) => link.getBoundingClientRect().left >= 0)
    expect(isShown).toBe(true)
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('report')
    const reached: string[] = []
    for (let press = 0; press < 60; press++) {
      await page.keyboard.press('Tab')
      const at = await focused()
      if (at.startsWith('BODY')) break
      reached.push(at)
      if (at.startsWith('SUMMARY')) await page.keyboard.press('Enter')
    }
    const figures = await page.$$eval('figure', (all) => all.length)
    const tables = await page.$$eval('.caption', (all) => all.length)
    const wanted = [
      ...Array.from({ length: figures }, (_, i) => `SUMMARY Values of figure ${i + 1}`),
      ...Array.from({ length: figures }, (_, i) => `DIV Values of figure ${i + 1}`),
      ...Array.from({ length: tables }, (_, i) => `DIV Table ${i + 1}`),
    ]
    expect(reached.sort()).toEqual(wanted.sort())
    await page.close()
  })

  it('has landmarks, headings in order and named plots for screen readers', async () => {
    const { page } = await open(browser, urls['seven models'])
    const levels = await page.$$eval('h1, h2, h3, h4', (all) => all.map((each) => each.tagName))
    expect(levels.filter((level) => level === 'H1')).toHaveLength(1)
    levels.forEach((level, i) => {
      if (i > 0) expect(Number(level[1]) - Number(levels[i - 1][1])).toBeLessThanOrEqual(1)
    })
    const tree = JSON.stringify(await page.accessibility.snapshot({ interestingOnly: false }))
    for (const role of ['main', 'navigation', 'banner', 'contentinfo', 'complementary']) {
      expect(tree).toContain(`"role":"${role}"`)
    }
    expect(tree).toMatch(/"role":"image"[^}]*"name":"ndcg@20\. BPR-MF 0\.\d{4}, LightGCN/)
    await page.close()
  })

  it('opens quickly', async () => {
    const started = performance.now()
    const { page } = await open(browser, urls['seven models'])
    const ready = performance.now() - started
    console.log(`the report of seven models is open after ${ready.toFixed(0)} ms`)
    expect(await page.$eval('h1', ({ clientHeight }) => clientHeight)).toBeGreaterThan(20)
    await page.close()
  })
})

/** Opens a page and waits until it is drawn; collects what it asks for and complains of. */
async function open(
  browser: Browser,
  url: string,
  { width = 1400, scheme = 'light' }: { width?: number; scheme?: 'light' | 'dark' } = {},
): Promise<{ page: Page; requests: string[]; messages: string[] }> {
  const page = await browser.newPage()
  const requests: string[] = []
  const messages: string[] = []
  page.on('console', (message) => messages.push(message.text()))
  page.on('pageerror', (error) => messages.push(String(error)))
  page.on('request', (request) => requests.push(request.url()))
  page.setDefaultTimeout(600_000)
  await page.setViewport({ width, height: 900 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.goto(url, { waitUntil: 'load' })
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
  return { page, requests, messages }
}

function withLongNames(): ReportOptions {
  const options = sevenModels()
  const long = (name: string) =>
    `${name} with layers, dropout and a_name_without_any_space_${'x'.repeat(60)}`
  return {
    ...options,
    title: long('Report'),
    models: options.models.map((model) => ({ ...model, name: long(model.name) })),
    users: options.users?.map(({ recommended, ...user }) => ({
      ...user,
      id: 'y'.repeat(80),
      recommended: Object.fromEntries(
        Object.entries(recommended).map(([name, items]) => [long(name), items]),
      ),
    })),
  }
}
