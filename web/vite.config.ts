import { request } from 'node:http'
import { defineConfig, type Plugin } from 'vite'

/** `SUMMONER_SOCKET=…/admin/api.sock npm run dev`: the page against a daemon of this machine, as its local administrator. */
function daemon(socketPath: string | undefined): Plugin {
  return {
    name: 'summoner-daemon',
    configureServer({ middlewares }) {
      if (socketPath === undefined) return
      middlewares.use('/api', (incoming, outgoing) => {
        const { method, url, headers } = incoming
        const forwarded = request({ socketPath, method, path: `/api${url ?? ''}`, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        })
        forwarded.once('error', () => outgoing.writeHead(502).end())
        outgoing.once('close', () => forwarded.destroy())
        incoming.pipe(forwarded)
      })
    },
  }
}

export default defineConfig({
  plugins: [daemon(process.env['SUMMONER_SOCKET'])],
  build: {
    target: 'es2022',
    // an inlined font or image would be refused by the page's own policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
