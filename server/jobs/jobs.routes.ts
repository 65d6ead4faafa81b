import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { positionOf, sendEvents, type SseMessage } from '../http/sse.ts'
import { followJob } from './follow-job.ts'
import { JOB_STATES, JobSchema, type Jobs, type JobState } from './job.ts'

const Params = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const jobsRoutes =
  ({ jobs }: { jobs: Jobs }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/jobs',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Jobs, newest first',
          tags: ['Jobs'],
          operationId: 'listJobs',
          querystring: Type.Object({
            minion: Type.Optional(Type.String({ maxLength: 63 })),
            state: Type.Optional(
              Type.Unsafe<JobState>(Type.Union(JOB_STATES.map((state) => Type.Literal(state)))),
            ),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
          }),
          response: { 200: Type.Object({ jobs: Type.Array(JobSchema) }) },
        },
      },
      (request) => ({ jobs: jobs.list(request.query) }),
    )

    app.get(
      '/jobs/:id',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'One job',
          tags: ['Jobs'],
          operationId: 'getJob',
          params: Params,
          response: { 200: JobSchema },
        },
      },
      (request) => jobs.get(request.params.id),
    )

    app.get(
      '/jobs/:id/log',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'What a job said',
          tags: ['Jobs'],
          operationId: 'getJobLog',
          params: Params,
          querystring: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }),
          response: {
            200: Type.Object({
              lines: Type.Array(Type.Object({ seq: Type.Integer(), at: Type.String(), line: Type.String() })),
            }),
          },
        },
      },
      (request) => ({ lines: jobs.logs(request.params.id, request.query.after) }),
    )

    app.get(
      '/jobs/:id/events',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'A job as it goes',
          description:
            'Server-Sent Events: `job` is a snapshot, `log` one line whose id is its position. Ends with the job. `Last-Event-ID` skips lines already read.',
          tags: ['Jobs'],
          operationId: 'streamJob',
          params: Params,
          response: {
            200: {
              description: 'A stream that ends with the job',
              content: { 'text/event-stream': { schema: Type.String() } },
            },
          },
        },
      },
      (request, reply) => {
        const { id } = jobs.get(request.params.id)
        const after = positionOf(request.headers) ?? 0
        sendEvents(request, reply, async function* (signal): AsyncGenerator<SseMessage> {
          for await (const news of followJob(jobs, id, after, signal))
            yield news.type === 'job'
              ? { event: 'job', data: news.job }
              : { event: 'log', id: news.seq, data: { seq: news.seq, line: news.line } }
        })
      },
    )

    app.post(
      '/jobs/:id/cancel',
      {
        config: { role: 'operator' },
        schema: {
          summary: 'Cancel a job; what it did is undone',
          tags: ['Jobs'],
          operationId: 'cancelJob',
          params: Params,
          response: { 202: JobSchema },
        },
      },
      async (request, reply) => reply.code(202).send(jobs.cancel(request.params.id)),
    )
  }
