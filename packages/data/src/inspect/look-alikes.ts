/**
 * Greek and Cyrillic letters that look like Latin letters, each with the Latin letter. The Unicode form
 * NFKC replaces full-width letters and ligatures, but not these.
 */
const confusableLetters = new Map(
  Object.entries({
    А: 'A',
    В: 'B',
    С: 'C',
    Е: 'E',
    Н: 'H',
    І: 'I',
    Ј: 'J',
    К: 'K',
    М: 'M',
    О: 'O',
    Р: 'P',
    Ѕ: 'S',
    Т: 'T',
    Х: 'X',
    У: 'Y',
    а: 'a',
    с: 'c',
    е: 'e',
    і: 'i',
    ј: 'j',
    о: 'o',
    р: 'p',
    ѕ: 's',
    х: 'x',
    у: 'y',
    Α: 'A',
    Β: 'B',
    Ε: 'E',
    Ζ: 'Z',
    Η: 'H',
    Ι: 'I',
    Κ: 'K',
    Μ: 'M',
    Ν: 'N',
    Ο: 'O',
    Ρ: 'P',
    Τ: 'T',
    Υ: 'Y',
    Χ: 'X',
    ο: 'o',
    ν: 'v',
  }),
)

/** Returns a form of an id that is equal for ids that look alike. */
function skeleton(id: string): string {
  const plain = id
    .normalize('NFKC')
    // These are invisible: zero-width spaces and joiners, the soft hyphen, the byte-order mark.
    .replaceAll(/[\u00AD\u200B-\u200F\u2060\uFEFF]/g, '')
    .trim()
  const letters = Array.from(plain, (letter) => confusableLetters.get(letter) ?? letter).join('')
  return letters.toLowerCase().replace(/^\+?0*(?=\d)/, '')
}

/** Returns groups of two or more different ids that look alike, in the order of their first ids. */
export function lookAlikes(ids: Iterable<string>): string[][] {
  const groups = new Map<string, string[]>()
  for (const id of new Set(ids)) {
    const key = skeleton(id)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [id])
    else group.push(id)
  }
  return [...groups.values()].filter((group) => group.length > 1)
}
