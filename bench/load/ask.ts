/** Clients that ask the same question over kept connections. */
import { ask, type Answers, type ClientsInput } from './clients.ts'

export interface AskInput extends ClientsInput {
  path: string
  headers?: Record<string, string>
}

export type AskOutput = Answers

const { path, headers = {}, ...input } = JSON.parse(process.argv[2] ?? '') as AskInput
const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`)
const question = `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`
console.log(JSON.stringify(await ask(input, () => question)))
