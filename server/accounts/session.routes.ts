/** HTTP of signing in and out, of confirming, and of the one-time links. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { SummonerError } from '../errors.ts'
import { clearSessionCookie, sessionCookie, setSessionCookie } from '../http/session-cookie.ts'
import type { acceptLink } from './accept-link.ts'
import type { Links } from './create-links.ts'
import type { Passkeys } from './create-passkeys.ts'
import type { Sessions } from './create-sessions.ts'
import { OptionsSchema, ResponseSchema } from './passkey.ts'
import { personOf, visitorOf } from './person.ts'
import { SessionViewSchema, type SessionView } from './session.ts'
import { confirm, signIn, type SignInDeps } from './sign-in.ts'
import type { KeptUser } from './user-store.ts'
import { NewUserSchema } from './user.ts'

export interface SessionRoutesDeps extends SignInDeps {
  sessions: Sessions
  links: Links
  passkeys: Passkeys
  accept: ReturnType<typeof acceptLink>
}

const Typed = Type.String({ maxLength: 1024 })
const Code = Type.Optional(
  Type.String({ maxLength: 64, description: 'Of the authenticator application, or a recovery code.' }),
)
const LinkSecret = Type.String({ maxLength: 64, description: 'What stands behind # in the link.' })
const door = { role: 'public', signsIn: true, rateLimit: { max: 20, timeWindow: 60_000 } } as const
/** Changes nothing yet. */
const bell = { ...door, audited: false } as const
const tags = ['Session']

export const sessionRoutes =
  (deps: SessionRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { users, sessions, links, passkeys } = deps

    const viewOf = (request: FastifyRequest): SessionView => {
      const { actor } = request
      if (!actor) return { state: users.count() === 0 ? 'setup' : 'signed-out' }
      const view: SessionView = { state: 'signed-in', user: { name: actor.name, role: actor.role } }
      const kept = actor.session && sessions.get(actor.session.id)
      return kept ? { ...view, session: sessionPart(kept.id, kept.created_at) } : view
    }
    const sessionPart = (id: string, created: number) => ({
      id,
      createdAt: new Date(created).toISOString(),
      confirmedUntil: new Date(sessions.confirmedUntil(id)).toISOString(),
    })
    /** Whatever session the browser came with ends: nobody can have planted the new one. */
    const enter = (request: FastifyRequest, reply: FastifyReply, user: KeptUser): SessionView => {
      const before = sessionCookie(request)
      if (before !== undefined) sessions.endOf(before)
      deps.told.succeeded(user.name, visitorOf(request))
      return show(request, reply, user, sessions.create(user.id, visitorOf(request)))
    }
    const show = (request: FastifyRequest, reply: FastifyReply, user: KeptUser, value: string) => {
      setSessionCookie(request, reply, value)
      request.actor = sessions.authenticate(value, false)
      return {
        state: 'signed-in' as const,
        user: { name: user.name, role: user.role },
        session: sessionPart(value.split('.')[0] ?? '', deps.now().getTime()),
      }
    }
    const named = (id: string): KeptUser => {
      const user = users.byId(id)
      if (!user) throw new SummonerError('auth.failed', 'That user is gone.')
      return user
    }

    app.get(
      '/session',
      {
        config: { role: 'public' },
        schema: {
          summary: 'Who is signed in here',
          tags,
          operationId: 'getSession',
          response: { 200: SessionViewSchema },
        },
      },
      (request) => viewOf(request),
    )

    app.post(
      '/session',
      {
        config: door,
        schema: {
          summary: 'Sign in with a name and a password',
          description: '`auth.code` asks for the same again with `code`.',
          tags,
          operationId: 'signIn',
          body: Type.Object({ name: Type.String({ maxLength: 200 }), password: Typed, code: Code }),
          response: { 200: SessionViewSchema },
        },
      },
      async (request, reply) => {
        const { name, ...proof } = request.body
        return enter(request, reply, await signIn(name, proof, deps))
      },
    )

    app.delete(
      '/session',
      {
        config: { role: 'public' },
        schema: {
          summary: 'Sign out',
          tags,
          operationId: 'signOut',
          response: { 204: Type.Null({ description: 'Signed out' }) },
        },
      },
      async (request, reply) => {
        const value = sessionCookie(request)
        if (value !== undefined) sessions.endOf(value)
        clearSessionCookie(request, reply)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/session/passkey/options',
      {
        config: bell,
        schema: {
          summary: 'What a passkey must sign',
          tags,
          operationId: 'passkeySignInOptions',
          response: { 200: Type.Object({ options: OptionsSchema }) },
        },
      },
      async () => ({ options: { ...(await passkeys.requestOptions()) } }),
    )

    app.post(
      '/session/passkey',
      {
        config: door,
        schema: {
          summary: 'Sign in with a passkey',
          tags,
          operationId: 'signInWithPasskey',
          body: Type.Object({ response: ResponseSchema }),
          response: { 200: SessionViewSchema },
        },
      },
      async (request, reply) => enter(request, reply, named(await passkeys.check(request.body.response))),
    )

    app.post(
      '/session/confirm',
      {
        config: { role: 'viewer', rateLimit: { max: 20, timeWindow: 60_000 } },
        schema: {
          summary: 'Prove again who you are, before a powerful change',
          description: 'With the password (and a code where one is set up), or with a passkey.',
          tags,
          operationId: 'confirmSession',
          body: Type.Object({
            password: Type.Optional(Typed),
            code: Code,
            response: Type.Optional(ResponseSchema),
          }),
          response: { 200: SessionViewSchema },
        },
      },
      async (request, reply) => {
        const { id, user } = personOf(request)
        const { password, code, response } = request.body
        if (response) {
          if ((await passkeys.check(response)) !== user)
            throw new SummonerError('passkey.refused', 'It is the passkey of somebody else.')
        } else if (password === undefined)
          throw new SummonerError('input.invalid', 'password is missing.', { at: { path: 'password' } })
        else await confirm(named(user), { password, code }, deps)
        return show(request, reply, named(user), sessions.rotate(id, { confirmed: true }))
      },
    )

    app.post(
      '/setup/check',
      {
        config: bell,
        schema: {
          summary: 'What a one-time link is for; it still works afterwards',
          tags,
          operationId: 'checkLink',
          body: Type.Object({ link: LinkSecret }),
          response: {
            200: Type.Object({
              purpose: Type.Enum(['administrator', 'invitation', 'reset']),
              name: Type.Optional(Type.String()),
              expires: Type.String(),
            }),
          },
        },
      },
      (request) => {
        const { purpose, name, expires } = links.read(request.body.link)
        return { purpose, ...(name === undefined ? {} : { name }), expires }
      },
    )

    app.post(
      '/setup',
      {
        config: door,
        schema: {
          summary: 'Choose a password with a one-time link',
          description:
            'Makes the first administrator (`name` is theirs to choose), or lets an invited person in. Who has an authenticator application signs in afterwards.',
          tags,
          operationId: 'acceptLink',
          body: Type.Object({
            link: LinkSecret,
            name: Type.Optional(NewUserSchema.properties.name),
            password: Typed,
          }),
          response: { 201: SessionViewSchema },
        },
      },
      async (request, reply) => {
        const user = await deps.accept(request.body)
        void reply.code(201)
        if (user.totp_secret) return { state: 'signed-out' as const }
        return enter(request, reply, user)
      },
    )
  }
