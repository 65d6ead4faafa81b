import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ScheduleSchema, type ScheduleView } from './schedule.ts'

export const schedulesRoutes =
  ({ list }: { list(): ScheduleView[] }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/schedules',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listSchedules',
          summary: 'What runs by the clock, and when next',
          tags: ['schedules'],
          response: { 200: Type.Object({ schedules: Type.Array(ScheduleSchema) }) },
        },
      },
      () => ({ schedules: list() }),
    )
  }
