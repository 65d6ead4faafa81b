/**
 * `node:http` for code that runs in the daemon or the command. Its ESM import would also evaluate its export
 * `WebSocket`, which loads a whole second HTTP client: 14 MB of memory and 40 ms of every start that nobody uses.
 */
export const http = process.getBuiltinModule('node:http')
