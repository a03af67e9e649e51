// The OIDC provider of the demo and the tests: node server.mjs --port N --data DIR --users FILE --clients FILE
// In a container also --listen 0.0.0.0 --issuer http://NAME:N, where NAME leads there for browsers and services alike.
// Sessions, codes and refresh tokens live in memory (the library's adapter, at most 1,000 entries): after a
// restart people log in again. Keys live in DIR, so access tokens stay valid over a restart.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { loadKeys } from './keys.mjs'
import { loginHandler } from './login.mjs'
import { createProvider } from './provider.mjs'
import { Users } from './users.mjs'

const { values: args } = parseArgs({
  options: {
    port: { type: 'string' }, listen: { type: 'string', default: '127.0.0.1' }, issuer: { type: 'string' },
    data: { type: 'string' }, users: { type: 'string' }, clients: { type: 'string' },
  },
})
const issuer = args.issuer ?? `http://127.0.0.1:${args.port}`
const readJSON = (path) => JSON.parse(readFileSync(path, 'utf8'))

const users = new Users(readJSON(args.users))
const provider = createProvider({ issuer, clients: readJSON(args.clients), users, keys: loadKeys(args.data) })
const login = loginHandler({ issuer, provider, users })
const standard = provider.callback()

const server = createServer((req, res) => (req.url.startsWith('/interaction/') ? login(req, res) : standard(req, res)))
server.requestTimeout = 15_000
server.headersTimeout = 10_000
server.maxConnections = 500
server.listen(Number(args.port), args.listen, () => console.log(`ready ${issuer}`))

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
}
