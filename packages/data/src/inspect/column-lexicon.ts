import { knownColumnNames } from '@gnnrec/graph/files'
import type { ColumnRole } from './file-inspection.js'

/**
 * Words that name columns in shops, logs and published data sets, in several languages, by the role of the column and
 * the confidence in it. Words that often name something else have a low one.
 */
const words: readonly (readonly [ColumnRole, number, string])[] = [
  ['user', 0.98, 'user uid'],
  [
    'user',
    0.95,
    'customer visitor member reviewer buyer shopper subscriber fullvisitor userpseudo viewer listener kunde kunden nutzer benutzer besucher mitglied käufer usuario cliente comprador visitante utilisateur acheteur visiteur utente acquirente utilizador gebruiker klant bezoeker użytkownik klient kund användare bruger kullanıcı müşteri uživatel zákazník asiakas käyttäjä пользователь клиент покупатель 用户 客户 会员 ユーザー ユーザ 会員 顧客 사용자 고객',
  ],
  [
    'user',
    0.88,
    'account client username login customername reader player learner student patient consumer patron borrower membre adhérent compte konto cuenta socio',
  ],
  ['user', 0.7, 'email mail profile cookie device household card who person nickname author'],
  ['user', 0.45, 'session visit basket order invoice transaction cart'],
  ['item', 0.98, 'item iid parentasin'],
  ['item', 0.96, 'product'],
  [
    'item',
    0.92,
    'sku asin isbn article movie film book song track stockcode artikel produkt producto artículo produit prodotto articolo produto artigo tuote ürün urun towar vara zboží товар продукт 商品 物品 产品 アイテム 상품 아이템',
  ],
  [
    'item',
    0.88,
    'video artist game app business location poi venue restaurant hotel recipe news course content listing offer place livre libro livro buch película canción chanson morceau książka книга фильм ean gtin upc mpn material variant',
  ],
  [
    'item',
    0.65,
    'document doc ad photo image podcast episode show series title titel titre página',
  ],
  ['item', 0.45, 'page url album category brand name'],
  ['rating', 0.98, 'rating bookrating'],
  ['rating', 0.93, 'score stars overall reviewscore ratingvalue userrating starrating'],
  [
    'rating',
    0.9,
    'bewertung sterne calificación valoración puntuación estrellas avaliação valutazione beoordeling waardering betyg ocena puan оценка рейтинг 评分 評価 평점',
  ],
  ['rating', 0.7, 'value rate grade mark preference punkte nota note voto évaluation évaluations'],
  ['timestamp', 0.98, 'timestamp'],
  ['timestamp', 0.97, 'ts datetime unixtime unixreviewtime eventtime eventtimestamp eventts'],
  [
    'timestamp',
    0.95,
    'time createdat created occurredat orderedat purchasedat viewedat playedat watchedat ratedat clickedat addedat reviewedat visitedat epoch when at zeitstempel zeitpunkt fechahora horodatage dataora datahora 时间 時間 日時 시간 время',
  ],
  [
    'timestamp',
    0.9,
    'date eventdate orderdate purchasedate invoicedate reviewdate tdat ordertime clicktime datum fecha zeit bestelldatum hora heure tijd tidpunkt tarih дата 日期 日付 날짜',
  ],
  ['timestamp', 0.65, 'updatedat modifiedat lastseen data day'],
  ['weight', 0.98, 'weight'],
  [
    'weight',
    0.95,
    'plays playcount listencount count strength confidence quantity qty purchases clicks listens menge anzahl cantidad quantité quantità quantidade aantal ilość количество 数量 次数 回数 수량',
  ],
  ['weight', 0.75, 'cnt frequency freq amount units views hours visits times antal adet unidades'],
]

/** Words that tell that a column has ids, numbers or codes, but not of what. */
const idWords = new Set(
  'id ids uuid guid oid key no nr num number nummer numero número code hash pk sk fk pseudo identifier ident'.split(
    ' ',
  ),
)

/** Words at the end of a name that make it a time, unless a word before it says that it is another one. */
const timeWords = ['at', 'on', 'time', 'date', 'ts', 'timestamp', 'datetime']
const otherTimes =
  /birth|expir|release|publish|signup|register|registration|joined|valid|due|deliver|shipped|watch|dwell|duration|updated|modified/

/** A role that the name of a column speaks for. */
export interface NamedRole {
  readonly role: ColumnRole
  /** The confidence in it, from 0 to 1. */
  readonly confidence: number
  /** True when the name also says that the column has ids, as `customer_id` does. */
  readonly isId: boolean
}

/** Returns the roles that a name of a column speaks for, the best first. */
export function rolesOfName(name: string): NamedRole[] {
  const tokens = tokensOf(name)
  const isId = tokens.some((token) => idWords.has(token))
  const telling = tokens.filter((token) => !idWords.has(token))
  const found = new Map<ColumnRole, number>()
  const add = (role: ColumnRole, confidence: number): void => {
    found.set(role, Math.max(found.get(role) ?? 0, confidence))
  }
  const whole = tokens.join('')
  for (const phrase of new Set([whole, telling.join(''), withoutId(whole)])) {
    for (const [role, confidence] of lexicon().get(phrase) ?? []) add(role, confidence)
  }
  const last = telling.at(-1) ?? ''
  if (telling.length > 1) {
    for (const [role, confidence] of lexicon().get(last) ?? []) {
      if (role !== 'timestamp') add(role, Math.min(0.66, confidence - 0.25))
    }
  }
  if (telling.length > 1 && timeWords.includes(last) && !otherTimes.test(telling.join(''))) {
    add('timestamp', 0.75)
  }
  return [...found]
    .map(([role, confidence]) => ({
      role,
      // Beside a name or a text about a user there is often the column of ids, which is the one to read.
      confidence:
        isId && (role === 'user' || role === 'item') && confidence > 0.6
          ? Math.min(1, confidence + 0.02)
          : confidence,
      isId,
    }))
    .sort((left, right) => right.confidence - left.confidence)
}

/** Returns true for a name that columns of row numbers have. */
export function isRowNumberName(name: string): boolean {
  return /^(|unnamed ?\d*|index|idx|id|row|row ?(id|nr|no|num|number)|line|nr|no|#|pos|position)$/.test(
    tokensOf(name).join(' '),
  )
}

let table: Map<string, (readonly [ColumnRole, number])[]> | undefined

function lexicon(): Map<string, (readonly [ColumnRole, number])[]> {
  if (table !== undefined) return table
  table = new Map()
  const add = (word: string, role: ColumnRole, confidence: number): void => {
    const known = table?.get(word) ?? []
    if (!known.some(([other]) => other === role)) table?.set(word, [...known, [role, confidence]])
  }
  for (const [role, confidence, list] of words) {
    for (const word of list.split(' ')) add(tokensOf(word).join(''), role, confidence)
  }
  for (const role of Object.keys(knownColumnNames) as ColumnRole[]) {
    for (const word of knownColumnNames[role]) add(word, role, 0.9)
  }
  return table
}

/** Returns the words of a name in lower case, without accents: `['user', 'id']` for `'userId'` and `'User-ID'`. */
function tokensOf(name: string): string[] {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ł', 'l')
    .replaceAll('ı', 'i')
    .replace(/^#(?=.)/, '')
    .split(/[^\p{L}\p{N}#]+/u)
    .filter((token) => token !== '')
}

/** Returns a name without `id` at its end, for names in which no capital letter or mark parts the two. */
function withoutId(name: string): string {
  return name.replace(/(id|no|nr)s?$/, '')
}
