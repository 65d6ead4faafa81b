/** Clients that post signed webhooks, each with an id of its own; one body and one signature for all. */
import { createHmac } from 'node:crypto'
import { ask, type Answers, type ClientsInput } from './clients.ts'

export interface PostInput extends ClientsInput {
  path: string
  secret: string
}

export type PostOutput = Answers

const { path, secret, ...input } = JSON.parse(process.argv[2] ?? '') as PostInput

const head = { object: 'push', ref: 'refs/heads/main', before: 'a'.repeat(40), after: 'b'.repeat(40) }
const commit = { id: 'b'.repeat(40), message: 'Fix tax rounding', author: { name: 'Mira Holt' } }
const known = JSON.stringify({ ...head, commits: [commit], padding: '' }).length
const body = JSON.stringify({ ...head, commits: [commit], padding: 'x'.repeat(1024 - known) })
const signature = createHmac('sha256', secret).update(body).digest('hex')
const before = `POST ${path} HTTP/1.1\r\nHost: hooks\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256=${signature}\r\nX-GitHub-Delivery: `
const after = `\r\n\r\n${body}`

const run = `${process.pid}-${Date.now()}`
let count = 0
console.log(JSON.stringify(await ask(input, () => `${before}${run}-${++count}${after}`)))
