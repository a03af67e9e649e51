// A real AT Protocol PDS and its PLC directory: node server.mjs --port N --plc-port N --data DIR [--rate-limits]
// DIR holds the secrets (made by the caller), the repositories and the PLC journal, so accounts and posts
// outlive a restart. There is no AppView: app.bsky.* reads answer 502.
import './loopback.mjs' // first: it must be in place before anything listens
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Secp256k1Keypair } from '@atproto/crypto'
import { PDS } from '@atproto/pds'
import { JournalDatabase } from './journal.mjs'

const { PlcServer } = createRequire(import.meta.url)('@did-plc/server') // CommonJS without named exports
const { values: args } = parseArgs({
  options: {
    port: { type: 'string' }, 'plc-port': { type: 'string' }, data: { type: 'string' },
    'rate-limits': { type: 'boolean', default: false },
  },
})
const secret = (name) => readFileSync(join(args.data, name), 'utf8').trim()
const repositories = join(args.data, 'repositories')
const blobs = join(args.data, 'blobs')
for (const dir of [repositories, blobs]) mkdirSync(dir, { recursive: true })

const directory = PlcServer.create({
  db: await JournalDatabase.open(join(args.data, 'plc.jsonl')),
  port: Number(args['plc-port']),
})
await directory.start()

const recovery = await Secp256k1Keypair.import(secret('recovery-key'))
const pds = await PDS.fromEnv({
  devMode: true, // permits plain http
  hostname: 'localhost',
  port: Number(args.port),
  dataDirectory: repositories,
  blobstoreDiskLocation: blobs,
  didPlcUrl: `http://127.0.0.1:${args['plc-port']}`,
  recoveryDidKey: recovery.did(),
  plcRotationKeyK256PrivateKeyHex: secret('rotation-key'),
  adminPassword: secret('admin-password'),
  jwtSecret: secret('jwt-secret'),
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  disableSsrfProtection: true, // the directory is on loopback
  rateLimitsEnabled: args['rate-limits'],
  bskyAppViewUrl: 'https://appview.invalid',
  bskyAppViewDid: 'did:example:invalid',
  crawlers: [],
})
await pds.start()
console.log(`ready http://localhost:${args.port}`)

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    await Promise.allSettled([pds.destroy(), directory.destroy()])
    process.exit(0)
  })
}
