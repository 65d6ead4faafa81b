import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DoctorSchema, type Doctor } from './doctor.ts'

export const doctorRoutes =
  (deps: { doctor: () => Promise<Doctor> }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/doctor',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Check the host and say what to do',
          tags: ['system'],
          operationId: 'runDoctor',
          response: { 200: DoctorSchema },
        },
      },
      () => deps.doctor(),
    )
  }
