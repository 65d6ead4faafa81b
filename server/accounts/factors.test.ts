import t from 'tap'
import { ORIGIN, cookieOf, createPeople, PASSWORD, secretOf, type People } from './accounts.fixture.ts'
import { createAuthenticator } from './authenticator.fixture.ts'
import { base32, stepAt, totpAt } from './totp.ts'

/** The bytes behind base 32. */
const decoded = (text: string): Buffer => {
  const bits = Array.from(text)
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

async function withTotp(people: People, name: string) {
  const { ask, now, person } = people
  const cookie = await person(name, 'operator')
  const { secret, uri } = (await ask('POST', '/account/totp', { cookie })).json<{
    secret: string
    uri: string
  }>()
  const bytes = decoded(secret)
  const code = (off = 0) => totpAt(bytes, stepAt(now().getTime()) + off)
  return { cookie, secret, uri, bytes, code }
}

t.test('codes of an application', async (t) => {
  const people = await createPeople(t)
  const { ask, signIn, pass } = people
  const { cookie, secret, uri, bytes, code } = await withTotp(people, 'zoe')
  t.equal(base32(bytes), secret)
  t.match(uri, /^otpauth:\/\/totp\/summoner\.example\.org%3Azoe\?secret=/)
  t.equal((await signIn('zoe')).statusCode, 200, 'nothing is asked for before the first code')
  t.match((await ask('POST', '/account/totp/confirm', { cookie, body: { code: '000000' } })).json(), {
    code: 'totp.wrong',
  })
  const other = cookieOf(await signIn('zoe'))
  const on = await ask('POST', '/account/totp/confirm', { cookie, body: { code: code() } })
  const { recoveryCodes } = on.json<{ recoveryCodes: string[] }>()
  t.equal(new Set(recoveryCodes).size, 10)
  for (const text of recoveryCodes) t.match(text, /^([a-z2-7]{4}-){3}[a-z2-7]{4}$/)
  t.equal((await ask('GET', '/account', { cookie: other })).statusCode, 401, 'other sessions end')
  t.equal((await ask('GET', '/account', { cookie })).statusCode, 401, 'this one has a new name')
  const mine = cookieOf(on)
  t.match((await ask('GET', '/account', { cookie: mine })).json(), { totp: true, recoveryCodes: 10 })

  t.match((await signIn('zoe')).json(), { code: 'auth.code', status: 401 })
  t.match((await signIn('zoe', { password: 'wrong', code: code() })).json(), { code: 'auth.failed' })
  t.match((await signIn('zoe', { code: code() })).json(), { code: 'auth.code' }, 'it was used for turning on')
  pass(30_000)
  const used = code()
  t.equal((await signIn('zoe', { code: ` ${used.slice(0, 3)} ${used.slice(3)}` })).statusCode, 200)
  t.match((await signIn('zoe', { code: used })).json(), { code: 'auth.code' }, 'a code works once')
  pass(30_000)
  const twice = await Promise.all([signIn('zoe', { code: code() }), signIn('zoe', { code: code() })])
  t.same(twice.map(({ statusCode }) => statusCode).sort(), [200, 401], 'also of two at once')

  pass(3_600_000)
  const [first = '', second = ''] = recoveryCodes
  t.equal((await signIn('zoe', { code: first.toUpperCase().replaceAll('-', ' ') })).statusCode, 200)
  pass(60_000)
  t.match((await signIn('zoe', { code: first })).json(), { code: 'auth.code' }, 'a recovery code too')
  t.match((await ask('GET', '/account', { cookie: mine })).json(), { recoveryCodes: 9 })

  t.match((await ask('DELETE', '/account/totp', { cookie: mine })).json(), { code: 'auth.confirm' })
  const confirmed = await ask('POST', '/session/confirm', {
    cookie: mine,
    body: { password: PASSWORD, code: second },
  })
  t.equal(confirmed.statusCode, 200)
  t.equal((await ask('GET', '/account', { cookie: mine })).statusCode, 401, 'confirming renews the session')
  const renewed = await ask('POST', '/account/recovery-codes', { cookie: cookieOf(confirmed) })
  t.equal(renewed.json<{ recoveryCodes: string[] }>().recoveryCodes.length, 10)
  pass(60_000)
  t.match((await signIn('zoe', { code: recoveryCodes[2] })).json(), { code: 'auth.code' }, 'the old are void')
  t.equal((await ask('DELETE', '/account/totp', { cookie: cookieOf(confirmed) })).statusCode, 204)
  t.equal((await signIn('zoe')).statusCode, 200)
})

t.test('codes cannot be guessed at leisure', async (t) => {
  const people = await createPeople(t)
  const { ask, signIn, pass } = people
  const { cookie, code } = await withTotp(people, 'zoe')
  for (let count = 0; count < 5; count++)
    await ask('POST', '/account/totp/confirm', { cookie, body: { code: '000000' } })
  t.match((await ask('POST', '/account/totp/confirm', { cookie, body: { code: code() } })).json(), {
    code: 'totp.wrong',
    detail: /not waiting/,
  })
  const again = await withTotp(people, 'yan')
  await ask('POST', '/account/totp/confirm', { cookie: again.cookie, body: { code: again.code() } })
  pass(60_000)
  for (let count = 0; count < 6; count++) await signIn('yan', { code: '000000' })
  t.match((await signIn('yan', { code: again.code() })).json(), { code: 'auth.paused' })
})

t.test('a reset by link keeps the codes, unless an administrator forgets them', async (t) => {
  const people = await createPeople(t)
  const { ask, accounts, pass, signIn } = people
  const { cookie, code } = await withTotp(people, 'zoe')
  await ask('POST', '/account/totp/confirm', { cookie, body: { code: code() } })
  pass(60_000)
  const link = secretOf(accounts.people.link('zoe', false).url)
  const reset = await ask('POST', '/setup', { body: { link, password: 'un lapin mange sept carottes' } })
  t.same(reset.json(), { state: 'signed-out' }, 'whoever has the mail has not the phone')
  t.notOk(reset.headers['set-cookie'])
  t.match((await signIn('zoe', { password: 'un lapin mange sept carottes' })).json(), { code: 'auth.code' })
  const forget = secretOf(accounts.people.link('zoe', true).url)
  const free = await ask('POST', '/setup', { body: { link: forget, password: PASSWORD } })
  t.match(free.json(), { state: 'signed-in' })
  t.equal((await signIn('zoe')).statusCode, 200)
})

t.test('passkeys', async (t) => {
  const people = await createPeople(t)
  const { ask, person, pass } = people
  const cookie = await person('zoe', 'administrator')
  const phone = createAuthenticator()
  const options = async () =>
    (await ask('POST', '/account/passkeys/options', { cookie })).json<{
      options: { challenge: string; rp: { id: string }; user: { name: string } }
    }>().options
  const add = async (response: object) =>
    ask('POST', '/account/passkeys', { cookie, body: { name: 'Phone', response } })

  const { challenge, rp, user } = await options()
  t.equal(rp.id, 'summoner.example.org')
  t.equal(user.name, 'zoe')
  const made = phone.create(challenge, ORIGIN)
  t.equal((await add(phone.create('AAAA', ORIGIN))).statusCode, 422, 'a challenge of nobody')
  t.equal((await add(phone.create((await options()).challenge, 'https://evil.example'))).statusCode, 422)
  t.equal(
    (await add(phone.create((await options()).challenge, ORIGIN, 'evil.example'))).statusCode,
    422,
    'made for another site',
  )
  t.equal(
    (await add(createAuthenticator({ verifiesUser: false }).create((await options()).challenge, ORIGIN)))
      .statusCode,
    422,
    'a key that checks nobody',
  )
  t.equal((await add(made)).statusCode, 201)
  t.match((await add(made)).json(), { code: 'passkey.refused' }, 'the challenge is used up')
  t.match((await ask('GET', '/account/passkeys', { cookie })).json(), { passkeys: [{ name: 'Phone' }] })

  const request = async () =>
    (await ask('POST', '/session/passkey/options')).json<{ options: { challenge: string } }>().options
      .challenge
  const enter = async (response: object) => ask('POST', '/session/passkey', { body: { response } })
  const signed = phone.sign(await request(), ORIGIN)
  const entered = await enter(signed)
  t.match(entered.json(), { state: 'signed-in', user: { name: 'zoe' } })
  t.equal((await enter(signed)).statusCode, 422, 'no answer works twice')
  t.equal((await enter(phone.sign(await request(), 'https://cloud.example.org'))).statusCode, 422)
  t.equal((await enter(createAuthenticator().sign(await request(), ORIGIN))).statusCode, 422, 'unknown')
  const forged = phone.sign(await request(), ORIGIN)
  const signature = Buffer.from(forged.response['signature'] ?? '', 'base64url')
  signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
  forged.response['signature'] = signature.toString('base64url')
  t.equal((await enter(forged)).statusCode, 422)
  const late = await request()
  pass(5 * 60_000)
  t.equal((await enter(phone.sign(late, ORIGIN))).statusCode, 422)

  pass(20 * 60_000)
  const list = (await ask('GET', '/account/passkeys', { cookie })).json<{ passkeys: { id: string }[] }>()
  const id = list.passkeys[0]?.id ?? ''
  const remove = async (who: string) => ask('DELETE', `/account/passkeys/${id}`, { cookie: who })
  t.match((await remove(cookie)).json(), { code: 'auth.confirm' })
  const confirm = async (response: object) => ask('POST', '/session/confirm', { cookie, body: { response } })
  const mallory = await person('mallory', 'administrator')
  t.equal((await remove(mallory)).statusCode, 404, 'nobody removes the passkey of another')
  const confirmed = await confirm(phone.sign(await request(), ORIGIN))
  t.equal((await remove(cookieOf(confirmed))).statusCode, 204)
  t.equal((await enter(phone.sign(await request(), ORIGIN))).statusCode, 422, 'removed')
})
