import type { ScheduleView } from '../../schedules/schedule.ts'
import type { Command } from '../command.ts'
import { renderTable } from '../table.ts'
import { age, duration } from '../units.ts'

export const schedules: Command = {
  name: 'schedules',
  summary: 'list what runs by the clock, and when next',
  examples: ['summoner schedules'],
  run: async ({ api, out, world }) => {
    const list = await api.list<ScheduleView>('/schedules', 'schedules')
    out.document({ schedules: list })
    const now = world.now()
    out.line(
      ...renderTable(
        [
          { title: 'WHAT', min: 12 },
          { title: 'SCHEDULE' },
          { title: 'LAST', optional: 1 },
          { title: 'NEXT' },
        ],
        list.map(({ title, cron, ranAt, next, waiting }) => [
          title,
          cron,
          ranAt ? age(ranAt, now) : '',
          waiting ? 'waits for its hours' : next ? `in ${duration(Date.parse(next) - now)}` : '',
        ]),
        out.width(),
        out.style,
      ),
    )
  },
}
