import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rowCount } from '@gnnrec/graph'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import {
  type FileInspection,
  type FileSource,
  inspectFile,
  readInteractions,
  UnclearFileError,
} from '../../src/index.js'
import { rowsOf, temporaryFolder } from '../support/index.js'

const rolesOf = ({ columns }: FileInspection) => columns.map(({ role = '-' }) => role).join(' ')
const inspect = (text: string, options = {}) => inspectFile({ text }, options)
const seconds = (text: string) => Date.parse(text) / 1000

describe('names of columns', () => {
  it.each([
    ['customer_id,sku,ts', 'user item timestamp'],
    ['visitorid,productId,created_at', 'user item timestamp'],
    ['AccountId;Track;event_time', 'user item timestamp'],
    ['uid\tisbn\tdate', 'user item timestamp'],
    ['client,asin,eventDate', 'user item timestamp'],
    ['kunden_nr;artikel;datum', 'user item timestamp'],
    ['usuario,producto,fecha', 'user item timestamp'],
    ['utilisateur;produit;horodatage', 'user item timestamp'],
    ['ID cliente;Código artículo;Fecha', 'user item timestamp'],
    ['utente,prodotto,dataora', 'user item timestamp'],
    ['gebruiker,artikel,tijd', 'user item timestamp'],
    ['użytkownik;produkt;date', 'user item timestamp'],
    ['müşteri;ürün;tarih', 'user item timestamp'],
    ['пользователь;товар;дата', 'user item timestamp'],
    ['用户,商品,时间', 'user item timestamp'],
    ['ユーザー,アイテム,日時', 'user item timestamp'],
    ['t_dat,customer_id,article_id', 'timestamp user item'],
  ])('are recognized: %s', async (header, roles) => {
    const [delimiter] = /[;,\t]/.exec(header)!
    const time = '2024-05-31T10:00:00Z'
    const wanted = roles.split(' ')
    const row = (n: number) =>
      wanted.map((role) => (role === 'timestamp' ? time : `${role}${n}`)).join(delimiter)
    const text = [header, row(1), row(2), ''].join('\n')
    const { interactions, inspection } = await readInteractions({ text })
    expect(rolesOf(inspection)).toBe(roles)
    expect(inspection.questions).toEqual([])
    expect(rowsOf(interactions)).toEqual([
      ['user1', 'item1', seconds(time)],
      ['user2', 'item2', seconds(time)],
    ])
  })

  it.each([
    ['score', '4', 'rating'],
    ['stars', '4.5', 'rating'],
    ['Bewertung', '3', 'rating'],
    ['count', '3', 'weight'],
    ['quantity', '3', 'weight'],
    ['qty', '3', 'weight'],
    ['amount', '3', 'weight'],
    ['Menge', '3', 'weight'],
  ])('of values are recognized: %s', async (name, value, role) => {
    expect(rolesOf(await inspect(`user,item,${name}\na,b,${value}\nc,d,2\n`))).toBe(
      `user item ${role}`,
    )
  })

  it('leave other columns alone', async () => {
    const text =
      'event_time,event_type,product_id,category_id,brand,price,user_id,user_session\n' +
      '2019-10-01 00:00:00 UTC,view,44,21,shi,35.79,541,72d7\n' +
      '2019-10-01 00:00:01 UTC,cart,39,20,aqua,33.20,554,9333\n'
    const inspection = await inspect(text)
    expect(rolesOf(inspection)).toBe('timestamp - item - - - user -')
    expect(inspection.warnings).toEqual([expect.stringContaining('"event_type" has 2 kinds')])
  })

  it('of the better column win, and the other one is named', async () => {
    const inspection = await inspect('user,product,sku\n1,p,s\n2,q,t\n')
    expect(rolesOf(inspection)).toBe('user item -')
    expect(inspection.warnings).toEqual(['The column "sku" may be the item as well.'])
  })
})

describe('a header', () => {
  it.each([
    ['names over texts', 'customer,sku\nann,lamp\nbob,desk\n', true],
    ['names over times alone', 'a,b,c\nx,y,2024-01-01\nz,y,2024-01-02\n', true],
    ['names over values of one pattern', 'who,what\nu1,p1\nu2,p3\nu9,p12\n', true],
    ['one name with an id', 'customer_id,thing\nann,lamp\nbob,desk\n', true],
    ['a value that comes again', 'ann,lamp\nbob,lamp\nann,desk\n', false],
    ['numbers', '1,2\n1,3\n4,5\n', false],
    ['a missing value', 'ann,lamp,NULL\nbob,desk,3\nann,rug,4\n', false],
  ])('is recognized: %s', async (_, text, header) => {
    const { columns } = await inspect(text)
    expect(columns[0].name !== undefined).toBe(header)
  })

  it('is asked for when the first line may be a row', async () => {
    const text = 'who,what\nann,lamp\nbob,desk\n'
    const { questions, suggestion } = await inspect(text)
    expect(questions).toMatchObject([{ about: 'header', isRequired: true }])
    expect(suggestion).toBeUndefined()
    const row = await readInteractions({ text }, { header: false })
    expect(rowCount(row.interactions)).toBe(3)
    const columns = { user: 'who', item: 'what' }
    const named = await readInteractions({ text }, { columns })
    expect(rowsOf(named.interactions)).toEqual([
      ['ann', 'lamp'],
      ['bob', 'desk'],
    ])
  })
})

describe('values', () => {
  it('that count the rows are no users', async () => {
    const numbered = await inspect('1,ann,lamp\n2,bob,lamp\n3,ann,desk\n')
    expect(rolesOf(numbered)).toBe('- user item')
    expect(numbered.columns[0].type).toBe('row number')
    const pandas = await inspect(',user,item\n0,a,b\n1,c,d\n2,a,d\n')
    expect(rolesOf(pandas)).toBe('- user item')
    const users = await inspect('1,48,5,978824351\n2,1687,3,978300174\n3,2081,4,978298504\n')
    expect(rolesOf(users)).toBe('user item rating timestamp')
  })

  it.each([
    ['1500000000', 'seconds'],
    ['1500000000000', 'milliseconds'],
    ['1500000000000000', 'microseconds'],
  ])('of times tell their unit: %s', async (time, timeUnit) => {
    const { columns } = await inspect(`user,item,ts\n1,2,${time}\n2,3,${time}\n`)
    expect(columns[2]).toMatchObject({ role: 'timestamp', timeUnit })
  })

  it.each([
    ['31/12/2024 18:30', 'day-first', '2024-12-31T18:30Z'],
    ['31.12.2024', 'day-first', '2024-12-31'],
    ['1.2.2024 8:05', 'day-first', '2024-02-01T08:05Z'],
    ['12/31/2024 6:30 PM', 'month-first', '2024-12-31T18:30Z'],
    ['12/31/2024 12:00:01 am', 'month-first', '2024-12-31T00:00:01Z'],
  ])('that are dates in another form are read: %s', async (date, timestampFormat, iso) => {
    const text = `customer,sku,date\na,b,${date}\nc,d,${date}\n`
    const { interactions, inspection } = await readInteractions({ text })
    expect(inspection.suggestion?.options).toMatchObject({ timestampFormat })
    expect(interactions.timestamp?.[0]).toBe(seconds(iso))
  })

  it('that are dates of which the order is open are asked for', async () => {
    const text = 'customer,sku,date\na,b,03/04/2024\nc,d,05/04/2024\n'
    const open = await readInteractions({ text })
    expect(open.inspection.questions).toMatchObject([{ about: 'timestamp', isRequired: false }])
    expect(open.interactions.timestamp).toBeUndefined()
    const day = await readInteractions({ text }, { timestampFormat: 'day-first' })
    expect(day.interactions.timestamp?.[0]).toBe(seconds('2024-04-03'))
    const month = await readInteractions({ text }, { timestampFormat: 'month-first' })
    expect(month.interactions.timestamp?.[0]).toBe(seconds('2024-03-04'))
  })

  it('do not make a column a user when the names say nothing', async () => {
    const { questions, suggestion } = await inspect('a,b,c\n1,2,3\n1,3,4\n')
    expect(suggestion).toBeUndefined()
    expect(questions.map(({ about, candidates }) => [about, candidates[0].name])).toEqual([
      ['user', 'a'],
      ['item', 'b'],
    ])
  })

  it('of many columns without names are asked for', async () => {
    const text = '1,226,252,pv,1511544070\n1,233,253,pv,1511561733\n2,233,253,buy,1511561733\n'
    const open = await inspect(text)
    expect(open.questions.map(({ about }) => about)).toEqual(['user', 'item'])
    await expect(readInteractions({ text })).rejects.toBeInstanceOf(UnclearFileError)
    const { interactions } = await readInteractions({ text }, { columns: { user: 0, item: 1 } })
    expect(rowsOf(interactions)).toEqual([
      [1, 226, 1511544070],
      [1, 233, 1511561733],
      [2, 233, 1511561733],
    ])
  })

  it('of a session are asked for', async () => {
    const text = 'session_id,item_id\n1,5\n1,6\n2,5\n'
    const { questions } = await inspect(text)
    expect(questions).toMatchObject([
      { about: 'user', isRequired: true, candidates: [{ name: 'session_id', position: 0 }] },
    ])
    expect(questions[0].candidates[0].confidence).toBeLessThan(0.6)
  })

  it('that do not fit their name are not read, with the reason', async () => {
    const text = 'user,item,date,quantity\n1,2,yesterday,3\n2,3,today,-1\n'
    const { warnings, suggestion } = await inspect(text)
    expect(suggestion?.options).toMatchObject({ columns: { user: 'user', item: 'item' } })
    expect(warnings).toEqual([
      expect.stringMatching(/"date" would not be read as the timestamp: got "yesterday".*ISO 8601/),
      expect.stringMatching(/"quantity" would not be read as the weight: got -1/),
    ])
  })
})

describe('options', () => {
  it('name columns and leave others out', async () => {
    const text = 'user,item,rating,score\n1,2,3,4\n2,3,4,5\n'
    const columns = { rating: 'score', user: 0 } as const
    const { interactions } = await readInteractions({ text }, { columns })
    expect(rowsOf(interactions)).toEqual([
      [1, 2, 4],
      [2, 3, 5],
    ])
    const without = await readInteractions({ text }, { columns: { rating: false } })
    expect(rowsOf(without.interactions)).toEqual([
      [1, 2],
      [2, 3],
    ])
  })

  it.each([
    [{ user: 'custommer' }, "did you mean 'customer'"],
    [{ user: 7 }, 'the columns are "customer", "sku"'],
    [{ user: 'sku', item: 1 }, 'columns.user and columns.item are both column 1'],
  ])('that do not fit the file are errors: %j', async (columns, message) => {
    await expect(inspect('customer,sku\na,1\nb,2\n', { columns })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    })
  })
})

describe('readInteractions', () => {
  const columns = { user: 'user', item: 'item' }
  it.each<[string, FileSource, unknown[][]]>([
    [
      'a file of Excel',
      { text: '\uFEFFsep=;\r\nuser;item;score\r\na;b;4,5\r\na;c;3\r\n' },
      [
        ['a', 'b', 4.5],
        ['a', 'c', 3],
      ],
    ],
    ['comments', { text: '# made by hand, on Monday\nuser\titem\n# a\na\tb\n' }, [['a', 'b']]],
    ['a comment with as many fields', { text: '# a,b\nuser,item\n1,2\n' }, [[1, 2]]],
    [
      'ids that begin like comments',
      { text: 'user,item\n#1,b\nx,c\n' },
      [
        ['#1', 'b'],
        ['x', 'c'],
      ],
    ],
    [
      'JSON lines',
      { text: '{"user":1,"item":"b"}\n{"user":2,"item":"c","x":[1]}\n' },
      [
        [1, 'b'],
        [2, 'c'],
      ],
    ],
    [
      'a JSON list',
      { text: '[{"user":1,"item":"b"},\n {"user":2,"item":"c"}]' },
      [
        [1, 'b'],
        [2, 'c'],
      ],
    ],
    ['JSON in gzip', gzipSync('{"user":1,"item":"b"}\n'), [[1, 'b']]],
    [
      'RecBole with other names',
      { text: 'uid:token\tmovie:token\tscore:float\n1\ta\t3\n' },
      [[1, 'a', 3]],
    ],
  ])('reads %s', async (_, source, rows) => {
    expect(rowsOf((await readInteractions(source)).interactions)).toEqual(rows)
  })

  it('reads streams', async () => {
    async function* pieces() {
      yield 'us'
      yield 'er,item\n1,2\n'.repeat(1)
      yield '3,4\n'.repeat(50_000)
    }
    const { interactions, inspection } = await readInteractions(pieces())
    expect(rowCount(interactions)).toBe(50_001)
    expect(inspection.isWhole).toBe(false)
  })

  it('reads the type of ids that are shown', async () => {
    const { interactions } = await readInteractions({ text: '{"user":"7","item":8}' }, { columns })
    expect(rowsOf(interactions)).toEqual([['7', 8]])
  })
})

it('tables show their values too', async () => {
  const names = { customer: ['a', 'b', 'a'], sku: [7, 8, 8], n: [1.5, 2, 3] }
  const time = Array.from({ length: 3 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day)))
  const arrow = tableToIPC(tableFromArrays({ ...names, at: time }))
  const inspection = await inspectFile(arrow)
  expect(inspection.preview[0]).toEqual(['a', '7', '1.5', '2024-01-01T00:00:00Z'])
  expect(inspection.columns[3]).toMatchObject({ role: 'timestamp', type: 'time', distinct: 3 })
  const file = fileURLToPath(new URL('../fixtures/columnar/polars.parquet', import.meta.url))
  const parquet = await inspectFile(file)
  expect(parquet).toMatchObject({ seenRows: 1000, isWhole: false, estimatedRows: 10_000 })
  expect(parquet.preview[0].slice(0, 2).every((value) => value !== '')).toBe(true)
})

it('a text in quotes may go on beyond the part that is looked at', async () => {
  const review = `"good,\n${'and again, she said ""well"";\n'.repeat(300)}"`
  const rows = Array.from({ length: 20 }, (_, n) => `${n % 3},${n},${review},5\n`)
  const text = `user,item,review,rating\n${rows.join('')}`
  const { interactions, inspection } = await readInteractions({ text })
  expect(inspection.isWhole).toBe(false)
  expect(rolesOf(inspection)).toBe('user item - rating')
  expect(rowCount(interactions)).toBe(20)
})

it('an amount of money is asked for', async () => {
  const { questions } = await inspect('user,item,amount\n1,2,3.99\n2,3,17.50\n')
  expect(questions).toMatchObject([{ about: 'weight', isRequired: false }])
})

it('the first rows and the number of rows are shown', async () => {
  const file = temporaryFolder({ 'a.csv': `user,item\n${'1,2\n3,4\n'.repeat(100_000)}` })
  const inspection = await inspectFile(`${file}/a.csv`)
  expect(inspection.preview).toEqual([
    ['1', '2'],
    ['3', '4'],
    ['1', '2'],
    ['3', '4'],
    ['1', '2'],
  ])
  expect(inspection.isWhole).toBe(false)
  expect(inspection.seenRows).toBeLessThan(20_000)
  expect(inspection.estimatedRows).toBeGreaterThan(150_000)
  expect(inspection.estimatedRows).toBeLessThan(250_000)
  expect(String(inspection)).toContain('First rows:\n  user  item\n  1     2\n')
})
