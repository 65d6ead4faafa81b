/** The built page (`web/dist`): one document for every address of it, and files whose names change with their content. */
import fastifyStatic from '@fastify/static'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { API } from './openapi.ts'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000
/** Addresses that are never the page's own. */
const OTHERS = /^\/(api|hooks|assets|metrics|\.well-known)(\/|$)/

const NOT_BUILT = `Summoner runs, but its web page was not built here: run  sudo ./install.sh  on the server.
Summoner fonctionne, mais sa page web n'a pas été construite : lancez  sudo ./install.sh  sur le serveur.

API: ${API}/docs/
`

export interface WebPage {
  routes: FastifyPluginAsync
  /** Answers with the page where a browser opened one of its addresses; false for anything else. */
  open(request: FastifyRequest, reply: FastifyReply): boolean
}

export function createWebPage({ dir }: { dir: string }): WebPage {
  const sendDocument = (reply: FastifyReply): void => {
    // asked for again each time: it names the files of today
    void reply.header('cache-control', 'no-cache')
    const html = documentIn(dir)
    if (html) void reply.type('text/html; charset=utf-8').send(html)
    else void reply.type('text/plain; charset=utf-8').send(NOT_BUILT)
  }
  const publicly = { config: { role: 'public' }, schema: { hide: true } } as const

  return {
    routes: async (app) => {
      // the folder itself may be built later, and built again, while the daemon runs
      await app.register(fastifyStatic, { root: join(dir, '../..'), serve: false })
      app.get('/', publicly, (_request, reply) => {
        sendDocument(reply)
        return reply
      })
      app.get<{ Params: { '*': string } }>('/assets/*', publicly, (request, reply) =>
        reply.sendFile(`assets/${request.params['*']}`, dir, {
          maxAge: YEAR_MS,
          immutable: true,
          dotfiles: 'ignore',
        }),
      )
      app.get<{ Params: { file: string } }>('/:file', publicly, (request, reply) => {
        const { file } = request.params
        // icons, the manifest; any other word is an address within the page
        if (/\.[a-z0-9]+$/i.test(file))
          return reply.sendFile(file, dir, { maxAge: 3_600_000, dotfiles: 'ignore' })
        if (OTHERS.test(`/${file}`)) return reply.callNotFound()
        sendDocument(reply)
        return reply
      })
    },

    open(request, reply) {
      const wanted = request.method === 'GET' && request.headers.accept?.includes('text/html') === true
      if (!wanted || OTHERS.test(request.url) || !documentIn(dir)) return false
      sendDocument(reply)
      return true
    },
  }
}

function documentIn(dir: string): Buffer | undefined {
  try {
    return readFileSync(join(dir, 'index.html'))
  } catch {
    return undefined
  }
}
