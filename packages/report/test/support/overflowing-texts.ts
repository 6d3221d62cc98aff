/**
 * Runs in a page: texts that leave the box they belong to, each with where it is. A region that scrolls
 * may hold more than it shows.
 */
export function overflowingTexts(): string[] {
  const found: string[] = []
  const report = (what: string, element: Element) =>
    found.push(
      `${what}: <${element.tagName} ${element.className}> ${element.textContent?.slice(0, 60)}`,
    )
  const inside = (inner: DOMRect, outer: DOMRect, room = 1) =>
    inner.left >= outer.left - room &&
    inner.right <= outer.right + room &&
    inner.top >= outer.top - room &&
    inner.bottom <= outer.bottom + room

  for (const plot of document.querySelectorAll('svg[role=img]')) {
    const box = plot.getBoundingClientRect()
    if (box.width < 100 || box.height < 40) report('plot without size', plot)
    const figure = plot.closest('figure')
    if (!figure || !inside(box, figure.getBoundingClientRect())) report('plot out of figure', plot)
    const texts = [...plot.querySelectorAll('text')]
    const boxes = texts.map((text) => text.getBoundingClientRect())
    texts.forEach((text, i) => {
      if (!inside(boxes[i], box)) report('label out of plot', text)
      if (boxes[i].height < 9) report('label too small', text)
      for (let j = 0; j < i; j++) {
        const [a, b] = [boxes[i], boxes[j]]
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left)
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
        if (across > 1 && down > 3) report(`label on "${texts[j].textContent}"`, text)
      }
    })
  }

  const blocks =
    'h1,h2,h3,h4,p,li,figcaption,summary,.legend,.panels,.lists,nav,aside,header,footer'
  for (const element of document.querySelectorAll<HTMLElement>(blocks)) {
    if (element.closest('.skip, .hidden')) continue
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) {
      report('text out of its box', element)
    }
    const box = element.getBoundingClientRect()
    if (box.left < -1 || box.right > innerWidth + 1) report('out of the page', element)
  }
  for (const cell of document.querySelectorAll<HTMLElement>('th, td')) {
    if (cell.scrollWidth > cell.clientWidth + 1) report('text out of its cell', cell)
  }
  // What follows each other must not lie on each other.
  for (const parent of document.querySelectorAll('main, section, figure, .panels, .lists')) {
    const parts = [...parent.children].filter(
      (child) => child.getBoundingClientRect().height > 0 && !child.matches('.skip'),
    )
    for (let i = 1; i < parts.length; i++) {
      const [a, b] = [parts[i - 1], parts[i]].map((part) => part.getBoundingClientRect())
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (across > 1 && down > 1) report('lies on what comes before', parts[i])
    }
  }
  return found
}
