import t from 'tap'
import { toHtml, toPlain, toSlack } from './markdown.ts'
import { asMarkdown, bytes, characters, joined, pieces } from './message.ts'
import { createRenderer } from './render-text.ts'

const renderer = createRenderer({ timezone: 'Europe/Paris' })
const event = {
  title: 'Fix *tax* [click](https://evil.example) @channel <!here>',
  url: 'https://git.example/a_b/-/pipelines/8_1',
  at: '2026-11-20T14:02:11Z',
  actor: { name: 'Mira' },
}
const markdown = (template: string) => renderer.render(template, { event }, 'markdown')
const plain = (template: string) => renderer.render(template, { event }, 'plain')

t.test('what strangers wrote does nothing in a message', async (t) => {
  const text = markdown('{{ event.title }}')
  t.equal(toPlain(text).replaceAll('\u200b', ''), event.title, 'and is read as it was written')
  t.notMatch(toHtml(text), />click</, 'an address may show, but under no other name')
  t.notMatch(toSlack(text), /click>|<!|@channel/)
  t.notMatch(text, /@channel/)
})

t.test('addresses stay whole', async (t) => {
  t.equal(markdown('See {{ event.url }}.'), `See ${event.url}.`)
  t.equal(markdown('{{ "a]b" | link: event.url }}'), `[a\\]b](${event.url})`)
  t.equal(markdown('{{ "x" | link: "javascript:alert(1)" }}'), 'x')
})

t.test('plain texts are left alone', async (t) => {
  t.equal(plain('{{ event.title }}'), event.title)
  t.equal(plain('{{ event.title | truncate: 9 }}'), 'Fix *t...')
  t.equal(plain('{{ event.at | date: "%H:%M" }}'), '15:02', 'in the zone of the box')
  t.equal(plain('{{ event.nothing.at.all }}'), '')
  t.equal(plain('no template: {'), 'no template: {')
})

const hostile = [
  '{{ event.constructor }}',
  '{{ event.__proto__ }}',
  '{{ event.constructor.constructor }}',
  '{{ event.title.constructor }}',
  '{{ process }}{{ globalThis }}{{ require }}',
]
for (const template of hostile)
  t.test(template, async (t) => {
    t.equal(plain(template), '')
  })

t.test('refused or stopped', async (t) => {
  for (const template of [
    '{% include "x" %}',
    '{% render "x" %}',
    '{% layout "x" %}',
    '{{ x | nothing }}',
    '{% if %}',
    '{{ ',
  ])
    t.ok(renderer.problem(template) ?? t.throws(() => plain(template)), template)
  const began = performance.now()
  t.throws(() => plain('{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}'))
  t.throws(() => plain('{% for a in (1..100000000) %}{% endfor %}'))
  t.ok(performance.now() - began < 5_000)
  t.throws(() => plain(`{{ x }}${'y'.repeat(60_000)}`), 'a template too long')
})

t.test('one text for many targets', async (t) => {
  const text = '**Bold** _it_ `co_de` [shop & co](https://a.example/x_y) 1 < 2\nhttps://b.example/?a=1&b=2'
  t.equal(toPlain(text), 'Bold it co_de shop & co https://a.example/x_y 1 < 2\nhttps://b.example/?a=1&b=2')
  t.equal(
    toSlack(text),
    '*Bold* _it_ `co_de` <https://a.example/x_y|shop &amp; co> 1 &lt; 2\n<https://b.example/?a=1&amp;b=2>',
  )
  t.equal(
    toHtml(text),
    '<b>Bold</b> <i>it</i> <code>co_de</code> <a href="https://a.example/x_y">shop &amp; co</a> 1 &lt; 2<br>' +
      '<a href="https://b.example/?a=1&amp;b=2">https://b.example/?a=1&amp;b=2</a>',
  )
})

t.test('pieces', async (t) => {
  t.same(pieces('short', 10), ['short'])
  t.same(pieces('', 10), [''])
  t.same(pieces('one two\nthree four', 10), ['one two', 'three four'])
  t.same(pieces('abcdefghijkl', 5), ['abcde', 'fghij', 'kl'])
  const emoji = '😀'.repeat(7)
  t.same(pieces(emoji, 3).join(''), emoji, 'no character is cut in two')
  for (const measure of [characters, bytes])
    for (const limit of [7, 100, 2000]) {
      const long = Array.from({ length: 500 }, (_, index) => `wörd${index} <&> `).join('')
      const cut = pieces(long, limit, (piece) => piece.replaceAll('&', '&amp;'), measure)
      t.ok(
        cut.every((piece) => measure(piece) <= limit),
        `each within ${limit}`,
      )
      t.ok(cut.length <= 11, 'not without end')
    }
  t.same(pieces('x'.repeat(500), 100).join(''), 'x'.repeat(500), 'nothing is lost')
})

t.test('messages', async (t) => {
  t.equal(asMarkdown({ title: 'T', text: 'x', url: 'https://a.example' }), '**T**\nx\nhttps://a.example')
  t.equal(asMarkdown({ text: 'x https://a.example', url: 'https://a.example' }), 'x https://a.example')
  t.same(joined([{ text: 'a' }, { title: 'B', text: 'b' }]), { text: 'a\n**B**\nb' })
  t.same(joined([{ title: 'A', text: 'a' }]), { title: 'A', text: 'a' })
})
