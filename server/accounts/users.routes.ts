/** HTTP of the people of this box, for administrators. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Sessions } from './create-sessions.ts'
import type { Users } from './create-users.ts'
import { SessionSchema } from './session.ts'
import { RoleSchema } from './token.ts'
import { LinkSchema, NewUserSchema, UserSchema } from './user.ts'

const tags = ['Users']
const Name = Type.Object({ name: Type.String({ maxLength: 64 }) })
const Gone = Type.Null({ description: 'Done' })
const administrator = { role: 'administrator' } as const
const powerful = { role: 'administrator', confirmed: true } as const

export const usersRoutes =
  ({ people, sessions }: { people: Users; sessions: Sessions }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/users',
      {
        config: administrator,
        schema: {
          summary: 'The people of this box',
          tags,
          operationId: 'listUsers',
          response: { 200: Type.Object({ users: Type.Array(UserSchema) }) },
        },
      },
      () => ({ users: people.list() }),
    )

    app.post(
      '/users',
      {
        config: powerful,
        schema: {
          summary: 'Add a person; they choose their password by the link',
          tags,
          operationId: 'addUser',
          body: NewUserSchema,
          response: { 201: Type.Object({ user: UserSchema, link: LinkSchema }) },
        },
      },
      async (request, reply) =>
        reply.code(201).send(people.add(request.body, request.actor?.name ?? 'unknown')),
    )

    app.patch(
      '/users/:name',
      {
        config: powerful,
        schema: {
          summary: 'Give a person another role; they sign in again',
          tags,
          operationId: 'setUserRole',
          params: Name,
          body: Type.Object({ role: RoleSchema }),
          response: { 200: UserSchema },
        },
      },
      (request) => people.setRole(request.params.name, request.body.role),
    )

    app.delete(
      '/users/:name',
      {
        config: powerful,
        schema: {
          summary: 'Remove a person; what they still stream ends',
          tags,
          operationId: 'removeUser',
          params: Name,
          response: { 204: Gone },
        },
      },
      async (request, reply) => {
        people.remove(request.params.name)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/users/:name/link',
      {
        config: powerful,
        schema: {
          summary: 'A one-time link by which a person chooses a new password',
          tags,
          operationId: 'makeUserLink',
          params: Name,
          body: Type.Object({
            forgetFactors: Type.Optional(
              Type.Boolean({ description: 'Also forget application, recovery codes and passkeys.' }),
            ),
          }),
          response: { 201: LinkSchema },
        },
      },
      async (request, reply) =>
        reply.code(201).send(people.link(request.params.name, request.body.forgetFactors ?? false)),
    )

    app.get(
      '/users/:name/sessions',
      {
        config: administrator,
        schema: {
          summary: 'Where a person is signed in',
          tags,
          operationId: 'listUserSessions',
          params: Name,
          response: { 200: Type.Object({ sessions: Type.Array(SessionSchema) }) },
        },
      },
      (request) => ({
        sessions: sessions.list(people.named(request.params.name).id, request.actor?.session?.id),
      }),
    )

    app.delete(
      '/users/:name/sessions',
      {
        config: administrator,
        schema: {
          summary: 'Sign a person out everywhere',
          tags,
          operationId: 'endUserSessions',
          params: Name,
          response: { 204: Gone },
        },
      },
      async (request, reply) => {
        sessions.removeAll(people.named(request.params.name).id)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/setup-link',
      {
        config: administrator,
        schema: {
          summary: 'The one-time link of the first administrator, while there is nobody',
          tags,
          operationId: 'makeSetupLink',
          response: { 201: LinkSchema },
        },
      },
      async (_request, reply) => reply.code(201).send(people.setupLink()),
    )
  }
