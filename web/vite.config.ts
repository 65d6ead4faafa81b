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

/** The page's policy refuses style elements and style attributes; the terminal's come to it another way (`own-style.ts`). */
function ownStyle(): Plugin {
  const spots: readonly [RegExp, string][] = [
    [/createElement\("style"\)/g, 'createElement("own-style")'],
    [/(\w+)\.setAttribute\("style",(`[^`]*`)\)/g, '$1.style.cssText=$2'],
  ]
  return {
    name: 'own-style',
    enforce: 'pre',
    transform(code, id) {
      if (!/@xterm\/xterm\/lib\/xterm\.mjs/.test(id)) return
      for (const [spot] of spots)
        if (!code.match(spot)) throw new Error(`xterm has changed: ${spot.source} is not in ${id}.`)
      return { code: spots.reduce((text, [spot, instead]) => text.replace(spot, instead), code), map: null }
    },
  }
}

export default defineConfig({
  plugins: [daemon(process.env['SUMMONER_SOCKET']), ownStyle()],
  build: {
    target: 'es2022',
    // an inlined font or image would be refused by the page's own policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
