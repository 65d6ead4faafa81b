/**
 * dockerode without what speaks SSH to a far engine and gRPC to a builder: 30 MB that the engine of this box never
 * needs. Both are reached for only when they are used, so empty modules stand in for them.
 */
import { Module, createRequire } from 'node:module'
import type Dockerode from 'dockerode'

const here = createRequire(import.meta.url)
const dockerode = createRequire(here.resolve('dockerode'))
const modem = createRequire(dockerode.resolve('docker-modem'))
const unused = [
  modem.resolve('ssh2'),
  dockerode.resolve('@grpc/grpc-js'),
  dockerode.resolve('@grpc/proto-loader'),
]
for (const path of unused) here.cache[path] ??= Object.assign(new Module(path), { loaded: true })

export const Docker = here('dockerode') as typeof Dockerode
