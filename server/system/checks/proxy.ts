import type { Check } from '../doctor.ts'

export const proxyCheck = ({ generation }: { generation: () => Promise<string | undefined> }): Check => ({
  id: 'proxy',
  title: 'Proxy',
  run: async () => {
    const serves = await generation()
    return serves === undefined
      ? {
          state: 'fail',
          detail: 'nginx does not serve.',
          hint: 'Look at `summoner status nginx` and `summoner logs nginx`; `summoner apply` brings it back.',
        }
      : { state: 'ok', detail: `nginx serves generation ${serves}.` }
  },
})
