/** HTTP of one's own account: password, sessions, authenticator application, passkeys. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { setSessionCookie } from '../http/session-cookie.ts'
import type { Passkeys } from './create-passkeys.ts'
import type { Sessions } from './create-sessions.ts'
import type { Totp } from './create-totp.ts'
import type { Users } from './create-users.ts'
import { OptionsSchema, PasskeyNameSchema, PasskeySchema, ResponseSchema } from './passkey.ts'
import { checkPassword } from './password.ts'
import { personOf } from './person.ts'
import { SessionSchema } from './session.ts'
import { confirm, type SignInDeps } from './sign-in.ts'
import { SummonerError } from '../errors.ts'
import type { KeptUser } from './user-store.ts'
import { UserSchema } from './user.ts'

export interface AccountRoutesDeps extends SignInDeps {
  people: Users
  sessions: Sessions
  totp: Totp
  passkeys: Passkeys
  domain(): string
}

const tags = ['Account']
const Gone = Type.Null({ description: 'Done' })
const viewer = { role: 'viewer' } as const
const powerful = { role: 'viewer', confirmed: true } as const
const Codes = Type.Object({
  recoveryCodes: Type.Array(Type.String(), { description: 'Shown this once.' }),
})
const Id = Type.Object({ id: Type.String({ maxLength: 2048 }) })

export const accountRoutes =
  (deps: AccountRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { users, people, sessions, totp, passkeys, recoveryCodes, hashes } = deps
    const userOf = (request: Parameters<typeof personOf>[0]): KeptUser => {
      const user = users.byId(personOf(request).user)
      if (!user) throw new SummonerError('auth.required', 'That user is gone.')
      return user
    }
    app.get(
      '/account',
      {
        config: viewer,
        schema: {
          summary: 'Your account',
          tags,
          operationId: 'getAccount',
          response: { 200: UserSchema },
        },
      },
      (request) => people.viewOf(personOf(request).user),
    )

    app.put(
      '/account/password',
      {
        config: { role: 'viewer', rateLimit: { max: 20, timeWindow: 60_000 } },
        schema: {
          summary: 'Change your password; your other sessions end',
          tags,
          operationId: 'changePassword',
          body: Type.Object({
            current: Type.String({ maxLength: 1024 }),
            code: Type.Optional(Type.String({ maxLength: 64 })),
            password: Type.String({ maxLength: 1024 }),
          }),
          response: { 204: Gone },
        },
      },
      async (request, reply) => {
        const user = userOf(request)
        const { current, code, password } = request.body
        checkPassword(password, { name: user.name, domain: deps.domain() })
        await confirm(user, { password: current, code }, deps)
        users.setPassword(user.id, await hashes.hash(password))
        const value = sessions.rotate(personOf(request).id, { confirmed: true })
        sessions.removeAll(user.id, value.split('.')[0])
        setSessionCookie(request, reply, value)
        return reply.code(204).send(null)
      },
    )

    app.get(
      '/account/sessions',
      {
        config: viewer,
        schema: {
          summary: 'Where you are signed in',
          tags,
          operationId: 'listSessions',
          response: { 200: Type.Object({ sessions: Type.Array(SessionSchema) }) },
        },
      },
      (request) => {
        const { id, user } = personOf(request)
        return { sessions: sessions.list(user, id) }
      },
    )

    app.delete(
      '/account/sessions',
      {
        config: viewer,
        schema: {
          summary: 'End all your sessions but this one',
          tags,
          operationId: 'endOtherSessions',
          response: { 204: Gone },
        },
      },
      async (request, reply) => {
        const { id, user } = personOf(request)
        sessions.removeAll(user, id)
        return reply.code(204).send(null)
      },
    )

    app.delete(
      '/account/sessions/:id',
      {
        config: viewer,
        schema: {
          summary: 'End one of your sessions',
          tags,
          operationId: 'endSession',
          params: Id,
          response: { 204: Gone },
        },
      },
      async (request, reply) => {
        sessions.remove(personOf(request).user, request.params.id)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/account/totp',
      {
        config: powerful,
        schema: {
          summary: 'A secret for your authenticator application; it waits for its first code',
          tags,
          operationId: 'offerTotp',
          response: { 200: Type.Object({ secret: Type.String(), uri: Type.String() }) },
        },
      },
      (request) => totp.offer(userOf(request)),
    )

    app.post(
      '/account/totp/confirm',
      {
        config: powerful,
        schema: {
          summary: 'Turn the codes on, with the first one',
          tags,
          operationId: 'confirmTotp',
          body: Type.Object({ code: Type.String({ maxLength: 16 }) }),
          response: { 200: Codes },
        },
      },
      (request, reply) => {
        const { id, user } = personOf(request)
        const codes = totp.confirm(user, request.body.code)
        const value = sessions.rotate(id, { confirmed: true })
        sessions.removeAll(user, value.split('.')[0])
        setSessionCookie(request, reply, value)
        return { recoveryCodes: codes }
      },
    )

    app.delete(
      '/account/totp',
      {
        config: powerful,
        schema: {
          summary: 'Turn the codes off; the recovery codes go too',
          tags,
          operationId: 'removeTotp',
          response: { 204: Gone },
        },
      },
      async (request, reply) => {
        totp.remove(personOf(request).user)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/account/recovery-codes',
      {
        config: powerful,
        schema: {
          summary: 'New recovery codes in place of the old',
          tags,
          operationId: 'renewRecoveryCodes',
          response: { 200: Codes },
        },
      },
      (request) => {
        const user = userOf(request)
        if (!user.totp_secret)
          throw new SummonerError('totp.wrong', 'Recovery codes stand in for the codes of an application.', {
            hint: 'Set up the authenticator application first.',
          })
        return { recoveryCodes: recoveryCodes.renew(user.id) }
      },
    )

    app.get(
      '/account/passkeys',
      {
        config: viewer,
        schema: {
          summary: 'Your passkeys',
          tags,
          operationId: 'listPasskeys',
          response: { 200: Type.Object({ passkeys: Type.Array(PasskeySchema) }) },
        },
      },
      (request) => ({ passkeys: passkeys.list(personOf(request).user) }),
    )

    app.post(
      '/account/passkeys/options',
      {
        config: powerful,
        schema: {
          summary: 'What a new passkey must be made of',
          tags,
          operationId: 'passkeyOptions',
          response: { 200: Type.Object({ options: OptionsSchema }) },
        },
      },
      async (request) => ({ options: { ...(await passkeys.creationOptions(userOf(request))) } }),
    )

    app.post(
      '/account/passkeys',
      {
        config: powerful,
        schema: {
          summary: 'Keep a passkey that the browser has made',
          tags,
          operationId: 'addPasskey',
          body: Type.Object({ name: PasskeyNameSchema, response: ResponseSchema }),
          response: { 201: PasskeySchema },
        },
      },
      async (request, reply) => {
        const { name, response } = request.body
        return reply.code(201).send(await passkeys.add(personOf(request).user, name, response))
      },
    )

    app.delete(
      '/account/passkeys/:id',
      {
        config: powerful,
        schema: {
          summary: 'Remove a passkey',
          tags,
          operationId: 'removePasskey',
          params: Id,
          response: { 204: Gone },
        },
      },
      async (request, reply) => {
        passkeys.remove(personOf(request).user, request.params.id)
        return reply.code(204).send(null)
      },
    )
  }
